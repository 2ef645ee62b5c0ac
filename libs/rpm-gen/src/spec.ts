/** The values of a package that become header tags. Files are in the payload. */
export type When = 'pre' | 'post' | 'preun' | 'postun' | 'posttrans' | 'verify' | 'interp';
export type Sense = '<' | '<=' | '=' | '>=' | '>';
export type ScriptletName = 'pre' | 'post' | 'preun' | 'postun' | 'posttrans' | 'verify';

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

export interface Scriptlet {
  /** Absolute path of a program, without arguments, or `<lua>`. Becomes a Requires. */
  interpreter: string;
  /** May be empty: then the interpreter alone is run. */
  body: string;
}

/**
 * A scriptlet that runs once for a whole transaction, when packages bring or remove files below its paths (rpm.org, "File triggers"; rpm 4.13).
 * `in` and `un` get those files on standard input, one a line.
 */
export interface TransactionFileTrigger extends Scriptlet {
  /** `in`: after the transaction; when this package itself is installed, also for the files that are there already. `un`: before it. `postun`: after it. */
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

export interface RpmSpec {
  name: string;
  epoch?: number;
  version: string;
  release: string;
  architecture: 'noarch' | 'x86_64' | 'aarch64';
  /** One line. */
  summary: string;
  description: string;
  license: string;
  url?: string;
  vendor?: string;
  packager?: string;
  group?: string;
  /** Seconds since 1970. */
  buildTime: number;
  buildHost: string;
  /** Default `name-version-release.src.rpm`; rpm takes a package without it for a source package. */
  sourceRpm?: string;
  requires?: Relation[];
  provides?: Relation[];
  conflicts?: Relation[];
  obsoletes?: Relation[];
  recommends?: Relation[];
  scriptlets: Partial<Record<ScriptletName, Scriptlet>>;
  transactionFileTriggers?: TransactionFileTrigger[];
  /** Newest first. */
  changelog: ChangelogEntry[];
}

/** `name-version-release.arch.rpm` */
export function fileName(spec: Pick<RpmSpec, 'name' | 'version' | 'release' | 'architecture'>): string {
  return `${spec.name}-${spec.version}-${spec.release}.${spec.architecture}.rpm`;
}
