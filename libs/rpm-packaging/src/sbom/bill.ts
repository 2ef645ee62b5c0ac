// A bill of materials: what an application, a reqset, an image or a publication consists of. `cyclonedx.ts` and `spdx.ts` write it. Pure.
import { PackageURL } from 'packageurl-js';
import { closureOf, type Lock, type LockedPackage } from '@pinpack/python-dist';
import { applicationProject, setLabel } from '../names/rpm-names.js';
import type { DeclaredLicense } from '../licenses/declared-license.js';
import type { BundledComponent, Distribution } from './distribution.js';

export interface BillComponent {
  /** Unique in the bill. */
  ref: string;
  kind: 'application' | 'container' | 'library' | 'platform';
  name: string;
  version?: string;
  purl?: string;
  license?: DeclaredLicense;
  description?: string;
  homepage?: string;
  author?: string;
  /** Its file and sha256 in hex. */
  file?: { name?: string; sha256: string };
  /** The sdist that it was built from. */
  source?: { name: string; sha256: string };
  /** Libraries and distributions in its file. */
  bundled: BillComponent[];
  /** Refs of the components that it requires. */
  dependsOn: string[];
}

export interface Bill {
  subject: BillComponent;
  components: BillComponent[];
}

/** The distributions of a lock by PEP 503 name. */
export type Distributions = ReadonlyMap<string, Distribution>;

/** An RPM of a publication. */
export interface BilledRpm {
  name: string;
  evr: string;
  architecture: string;
  /** In the repository. */
  file: string;
  sha256: string;
  /** PEP 503 name of the pin that it carries. */
  pin?: string;
}

export interface BillRequest {
  /** `reqset3`, `multi/py311` */
  set: string;
  lock: Lock;
  distributions: Distributions;
}

/** All pins of a reqset. */
export function billOfReqset(request: BillRequest): Bill {
  const { set, lock } = request;
  const name = setLabel(set);
  return assemble(request, { ref: name, kind: 'application', name }, lock.packages, rootsOf(lock));
}

/** An application and its closure. @param app - its folder's name */
export function billOfApplication(request: BillRequest, app: string): Bill {
  const { set, lock } = request;
  const library = lock.applications.find((application) => application.name === app)?.library ?? '';
  const name = applicationProject(set, app);
  const version = lock.packages.find((pin) => pin.name === library)?.version;
  const subject = { ref: name, kind: 'application' as const, name, ...(version !== undefined && { version }) };
  return assemble(request, subject, closureOf(lock.packages, [library]), [library]);
}

/** An application's bill as that of its image. @param base - its base image */
export function billOfImage({ subject, components }: Bill, base: { name: string; digest: string }): Bill {
  const baseRef = `base:${base.digest}`;
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(base.digest)?.[1];
  const image: BillComponent = {
    ref: baseRef,
    kind: 'container',
    name: base.name,
    version: base.digest,
    ...(sha256 !== undefined && { file: { sha256 } }),
    bundled: [],
    dependsOn: [],
  };
  const dependsOn = [...subject.dependsOn, baseRef];
  return { subject: { ...subject, kind: 'container', dependsOn }, components: [...components, image] };
}

/** The RPMs of a publication, and the reqset's pins in them. */
export function billOfPublication({ subject, components }: Bill, rpms: readonly BilledRpm[]): Bill {
  const refs = new Map(components.map(({ name, ref }) => [name, ref]));
  const licenses = new Map(components.map(({ name, license }) => [name, license]));
  const added = rpms.map((rpm): BillComponent => {
    const ref = rpm.pin === undefined ? undefined : refs.get(rpm.pin);
    const license = rpm.pin === undefined ? undefined : licenses.get(rpm.pin);
    return {
      ref: rpm.file,
      kind: 'library',
      name: rpm.name,
      version: rpm.evr,
      purl: rpmPurl(rpm),
      ...(license !== undefined && { license }),
      file: { name: rpm.file, sha256: rpm.sha256 },
      bundled: [],
      dependsOn: ref === undefined ? [] : [ref],
    };
  });
  return { subject: { ...subject, dependsOn: added.map(({ ref }) => ref) }, components: [...components, ...added] };
}

/** Package URL type `rpm` (purl specification). */
function rpmPurl({ name, evr, architecture }: BilledRpm): string {
  const [, epoch, version = evr] = /^(?:(\d+):)?(.*)$/.exec(evr) ?? [];
  const qualifiers = { arch: architecture, ...(epoch !== undefined && epoch !== '0' && { epoch }) };
  return new PackageURL('rpm', undefined, name, version, qualifiers, undefined).toString();
}

/** Pins that no other pin requires, the libraries of applications, and one pin of each cycle that nothing else leads to. */
function rootsOf({ packages, applications }: Lock): string[] {
  const required = new Set(packages.flatMap(({ dependencies }) => dependencies));
  const libraries = new Set(applications.map(({ library }) => library));
  const roots = packages.filter(({ name }) => libraries.has(name) || !required.has(name)).map(({ name }) => name);
  const reached = new Set(closureOf(packages, roots).map(({ name }) => name));
  for (const { name } of packages) {
    if (reached.has(name)) continue;
    roots.push(name);
    for (const member of closureOf(packages, [name])) reached.add(member.name);
  }
  return roots;
}

type Subject = Pick<BillComponent, 'ref' | 'kind' | 'name' | 'version'>;

function assemble(
  { lock, distributions }: BillRequest,
  subject: Subject,
  packages: readonly LockedPackage[],
  roots: readonly string[],
): Bill {
  const pins = new Map(packages.map((pin) => [pin.name, pin]));
  const refs = (names: readonly string[]): string[] =>
    names.flatMap((name) => {
      const pin = pins.get(name);
      return pin === undefined ? [] : [pinPurl(pin)];
    });
  const { interpreter: bundled } = lock;
  // The system's patch version is not known.
  const python = `python@${bundled === undefined ? lock.python.split('.').slice(0, 2).join('.') : lock.python}`;
  const components = packages.map((pin) => componentOf(pin, refs(pin.dependencies), distributions.get(pin.name)));
  const interpreter: BillComponent = {
    ...{ ref: python, kind: 'platform', name: 'python', version: python.slice('python@'.length) },
    ...(bundled?.kind === 'archive' && { file: { sha256: bundled.sha256 } }),
    bundled: Object.entries(bundled?.contains ?? {}).map(([library, told]) =>
      containedComponent(python, library, told),
    ),
    dependsOn: [],
  };
  return {
    subject: { ...subject, bundled: [], dependsOn: [...refs(roots), python] },
    components: [...components, interpreter],
  };
}

function componentOf(pin: LockedPackage, dependsOn: string[], distribution: Distribution | undefined): BillComponent {
  const { name, version, source } = pin;
  const locked = 'wheel' in source ? source.wheel : undefined;
  const file = distribution === undefined ? locked : { name: distribution.fileName, sha256: distribution.sha256 };
  const ref = pinPurl(pin);
  return {
    ...{ ref, kind: 'library', name, version, purl: ref },
    ...(file !== undefined && { file: { name: file.name, sha256: file.sha256 } }),
    ...(source.kind === 'sdist' && { source: { name: source.sdist.name, sha256: source.sdist.sha256 } }),
    ...describe(distribution),
    bundled: (distribution?.bundled ?? []).map((part, index) => bundledComponent(ref, part, index)),
    dependsOn,
  };
}

function describe(
  distribution: Distribution | undefined,
): Partial<Pick<BillComponent, 'license' | 'description' | 'homepage' | 'author'>> {
  if (distribution === undefined) return {};
  const { license, metadata } = distribution;
  const { summary, homepage, author } = metadata;
  return {
    ...(license !== undefined && { license }),
    ...(summary !== undefined && { description: summary.replaceAll(/\s+/g, ' ') }),
    ...(homepage !== undefined && URL.canParse(homepage) && { homepage }),
    ...(author !== undefined && { author: author.replaceAll(/\s+/g, ' ') }),
  };
}

function bundledComponent(parent: string, part: BundledComponent, index: number): BillComponent {
  const { name, version, purl, license, path, sha256 } = part;
  return {
    ref: `${parent}#${index}:${name}`,
    kind: 'library',
    name,
    ...(version !== undefined && { version }),
    ...(purl !== undefined && { purl }),
    ...(license !== undefined && { license }),
    ...(sha256 !== undefined && { file: { name: path, sha256 } }),
    ...{ bundled: [], dependsOn: [] },
  };
}

/** A library in the bundled Python. @param version - '' if it is not known */
function containedComponent(parent: string, name: string, version: string): BillComponent {
  const known = version === '' ? undefined : version;
  return {
    ...{ ref: `${parent}#${name}`, kind: 'library', name },
    ...(known !== undefined && { version: known }),
    purl: new PackageURL('generic', undefined, name, known, undefined, undefined).toString(),
    ...{ bundled: [], dependsOn: [] },
  };
}

/** The package URL of a pin. What the workspace itself contains is on no index. */
export function pinPurl({ name, version, source }: Pick<LockedPackage, 'name' | 'version' | 'source'>): string {
  const type = source.kind === 'directory' ? 'generic' : 'pypi';
  return new PackageURL(type, undefined, name, version, undefined, undefined).toString();
}
