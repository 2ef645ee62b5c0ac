/** The values of a package that become header tags. Files are in the payload. */
import type { Architecture } from './architectures.js';

/** `preuntrans` and `postuntrans` run with rpm 4.19 and newer. */
export type ScriptletName =
  'pretrans' | 'pre' | 'post' | 'preun' | 'postun' | 'posttrans' | 'preuntrans' | 'postuntrans' | 'verify';
export type When = ScriptletName | 'interp';
export type Sense = '<' | '<=' | '=' | '>=' | '>';

export interface Relation {
  /** A package, a path, a virtual name, or a rich dependency in parentheses. */
  name: string;
  /** `sense` and `version` come together. */
  sense?: Sense;
  /** `[epoch:]version[-release]` */
  version?: string;
  /** The scriptlets that need it. */
  when?: When[];
}

/** `expand`: rpm expands macros in the body when it runs; `qformat`: queries of the header too; `critical`: a failure of `post` counts (rpm 4.19). */
export type ScriptletFlag = 'expand' | 'qformat' | 'critical';

/** What rpm runs: a program, or its own Lua. */
export interface Script {
  /** Absolute path of a program, without arguments, or `<lua>`. Becomes a Requires. */
  interpreter: string;
  /** May be empty: then the interpreter alone is run. */
  body: string;
  flags?: ScriptletFlag[];
}

export interface Scriptlet extends Script {
  /** Arguments of the interpreter, before the path of the body. */
  args?: string[];
}

/** A script that runs when other packages come or go (rpm.org, "Triggers"). */
export interface PackageTrigger extends Script {
  on: 'prein' | 'in' | 'un' | 'postun';
  /** Names of packages, optionally with versions. One of them is enough. */
  packages: Pick<Relation, 'name' | 'sense' | 'version'>[];
}

/**
 * A script that runs when packages bring or remove files below its paths (rpm.org, "File triggers"; rpm 4.13). It runs once for each package,
 * or once for a whole transaction. `in` and `un` get those files on standard input, one a line.
 */
export interface FileTrigger extends Script {
  /** `in`: after they came; when this package itself is installed, also for the files that are there already. `un`: before they go. `postun`: after it. */
  on: 'in' | 'un' | 'postun';
  /** What paths start with: `/usr/lib/x` stands for `/usr/lib/xy` too. */
  paths: string[];
  /** Higher ones run first. Default 1,000,000. */
  priority?: number;
}

export interface ChangelogEntry {
  /** Seconds since 1970. */
  time: number;
  author: string;
  text: string;
}

/** Texts in another language. */
export interface Translation {
  summary?: string;
  description?: string;
  group?: string;
}

/** Makes the package a source package: a spec file and what it names. Its entries have plain names as paths. */
export interface SourcePackage {
  /** Names of the sources, highest number first as rpmbuild lists them. */
  sources?: string[];
  patches?: string[];
  /** What the spec's BuildArch, ExclusiveArch and ExcludeArch say. */
  buildArchitectures?: string[];
  exclusiveArchitectures?: string[];
  excludedArchitectures?: string[];
}

export interface RpmSpec {
  name: string;
  epoch?: number;
  version: string;
  release: string;
  architecture: Architecture;
  /** One line. */
  summary: string;
  description: string;
  license: string;
  /** By language: `de`, `pt_BR`. rpm shows those of the locale that it runs in. */
  translations?: Record<string, Translation>;
  url?: string;
  vendor?: string;
  packager?: string;
  group?: string;
  /** Seconds since 1970. */
  buildTime: number;
  buildHost: string;
  /** Default `name-version-release.src.rpm`; rpm takes a package without it for a source package. */
  sourceRpm?: string;
  source?: SourcePackage;
  requires?: Relation[];
  provides?: Relation[];
  conflicts?: Relation[];
  obsoletes?: Relation[];
  recommends?: Relation[];
  suggests?: Relation[];
  supplements?: Relation[];
  enhances?: Relation[];
  /** Whether the signature header has an MD5 digest. Default true: rpm doesn't need it, `makedeltarpm -r` and `applydeltarpm` do. Systems in FIPS mode ignore it. */
  md5?: boolean;
  scriptlets: Partial<Record<ScriptletName, Scriptlet>>;
  packageTriggers?: PackageTrigger[];
  fileTriggers?: FileTrigger[];
  transactionFileTriggers?: FileTrigger[];
  /** Newest first. */
  changelog: ChangelogEntry[];
}

/** `name-version-release.arch.rpm` */
export function fileName(spec: Pick<RpmSpec, 'name' | 'version' | 'release' | 'architecture' | 'source'>): string {
  const kind = spec.source === undefined ? spec.architecture : 'src';
  return `${spec.name}-${spec.version}-${spec.release}.${kind}.rpm`;
}
