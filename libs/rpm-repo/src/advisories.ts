/** The advisories of a release: one for each package that changed against the release before, and those that it had. Pure. */
import { compareEvr, parseEvr } from '@pinpack/rpm-gen';
import type { Advisory, AdvisorySeverity, AdvisoryType, Link, PublishedPackage, RepositoryRecord } from './record.js';

/** A package of the new release. */
export interface ReleasedPackage extends PublishedPackage {
  /** Names of the packages that it requires at one exact version and release: an application's closure. */
  closure: readonly string[];
  /** Where people read of its changes. */
  links: readonly Link[];
}

/** A vulnerability that a change fixes. */
export interface FixedVulnerability extends Link {
  /** `CVE-2026-11111`, or its name in another database. */
  id: string;
  severity?: AdvisorySeverity;
}

/** A change of what a wheel RPM carries. */
export interface PinChange {
  name: string;
  from: string;
  to: string;
}

export interface AdvisoryRequest {
  packages: readonly ReleasedPackage[];
  /** The current release; without one there are no advisories. */
  previous: RepositoryRecord | undefined;
  /** ISO 8601, of the new ones. */
  date: string;
  /** What a change fixes; absent: nothing is known. */
  fixedBy?: (change: PinChange) => readonly FixedVulnerability[];
}

/** Oldest first. A package that changed since brings those of its closure along, which is why an application is in the advisories of its wheels. */
export function planAdvisories({ packages, previous, date, fixedBy = () => [] }: AdvisoryRequest): Advisory[] {
  if (previous === undefined) return [];
  const before = new Map(previous.packages.map(({ name, evr }) => [name, evr]));
  const versions = new Map(previous.packages.map(({ name, pin }) => [name, pin?.version]));
  const changed = packages.filter(({ name, evr }) => before.get(name) !== evr);
  const causes = changed.filter(({ closure }) => !changed.some(({ name }) => closure.includes(name)));
  const fresh = causes.map((cause): Advisory => {
    const brought = changed.filter(({ closure }) => closure.includes(cause.name));
    const old = before.get(cause.name);
    const from = versions.get(cause.name);
    const fixed =
      cause.pin === undefined || from === undefined
        ? []
        : fixedBy({ name: cause.pin.name, from, to: cause.pin.version });
    const severity = mostSevere(fixed);
    return {
      id: `${cause.name}-${cause.evr}`,
      type: fixed.length > 0 ? 'security' : advisoryType(old, cause.evr),
      ...(severity !== undefined && { severity }),
      ...withFixes(describe(cause, old, from, brought), fixed),
      date,
      references: [...fixed.map(({ id, href }) => ({ title: id, href, cve: id })), ...cause.links],
      packages: [cause, ...brought].map(({ name, evr, architecture, file }) => ({ name, evr, architecture, file })),
    };
  });
  const ids = new Set(fresh.map(({ id }) => id));
  return [...previous.advisories.filter(({ id }) => !ids.has(id)), ...fresh.sort((a, b) => (a.id < b.id ? -1 : 1))];
}

const SEVERITIES = ['Critical', 'Important', 'Moderate', 'Low'] as const;

function mostSevere(fixed: readonly FixedVulnerability[]): AdvisorySeverity | undefined {
  return SEVERITIES.find((severity) => fixed.some((one) => one.severity === severity));
}

function withFixes(
  { title, description }: Pick<Advisory, 'title' | 'description'>,
  fixed: readonly FixedVulnerability[],
): Pick<Advisory, 'title' | 'description'> {
  if (fixed.length === 0) return { title, description };
  const ids = fixed.map(({ id }) => id).join(', ');
  const lines = fixed.map(({ id, title: about }) => (about === '' ? id : `${id}: ${about}`));
  return { title: `${title}, fixes ${ids}`, description: [description, ...lines].join('\n') };
}

/** A fix changes what is behind the second number of a version. */
function advisoryType(old: string | undefined, now: string): AdvisoryType {
  if (old === undefined) return 'newpackage';
  return compareEvr(series(old), series(now)) === 0 ? 'bugfix' : 'enhancement';
}

/** `1:2.4.6~rc1-1` → `1:2.4` */
function series(evr: string): string {
  const { epoch = 0, version } = parseEvr(evr);
  return `${epoch}:${version.split(/[~^]/, 1).join('').split('.').slice(0, 2).join('.')}`;
}

function describe(
  { name, evr, pin }: ReleasedPackage,
  oldEvr: string | undefined,
  oldVersion: string | undefined,
  brought: readonly ReleasedPackage[],
): Pick<Advisory, 'title' | 'description'> {
  const isVersion = pin !== undefined && pin.version !== oldVersion;
  const now = isVersion ? pin.version : evr;
  const old = isVersion ? (oldVersion ?? oldEvr) : oldEvr;
  const title = `${pin?.name ?? name} ${old === undefined ? now : `${old} → ${now}`}`;
  const along = brought.map((each) => `${each.name} ${each.evr}`).join(', ');
  const description = `${name} ${old === undefined ? 'is new' : `${oldEvr ?? ''} → ${evr}`}.`;
  return { title, description: along === '' ? description : `${description} It brings ${along} along.` };
}
