// The data of an HTML report, as JSON in the page. The code in `page/` reads them. Sizes are bytes, times ISO 8601; numbers that refer to pins are indexes of `pins`.

export interface PageData {
  title: string;
  made: string;
  /** Of pinpack. */
  version: string;
  sets: SetData[];
  /** Recent runs that used the store, newest first. */
  runs: RunData[];
}

export interface SetData {
  /** `reqset3`, `multi-py311` */
  label: string;
  /** `Python 3.11.2`, `manylinux_2_28_x86_64` */
  target: string[];
  publication?: { id: string; time: string; location: string; isLatest: boolean };
  pins: PinData[];
  roots: RootData[];
  applications: ApplicationData[];
  /** Pins that require each other. */
  cycles: number[][];
  vulnerabilities: VulnerabilityData[];
  changes?: ChangesData;
  /** Median durations of earlier runs, longest first. */
  durations: { task: string; ms: number }[];
  sources: SourceData[];
}

export type Origin = 'wheel' | 'prebuilt' | 'sdist' | 'directory';

export interface PinData {
  name: string;
  version: string;
  origin: Origin;
  /** `[pin, 'numpy<2.7,>=1.26.4']` */
  requires: [number, string][];
  /** Position in the dependency picture. */
  at: [number, number];
  file?: string;
  sha256?: string;
  summary?: string;
  license?: { text: string; isExpression: boolean; problem?: string };
  links: { title: string; href: string }[];
  /** Of the wheel. */
  download?: number;
  /** Of the wheel's files. */
  installed?: number;
  /** Of the RPM. */
  rpm?: number;
  /** Of the smallest delta to the RPM. */
  delta?: number;
  /** When the index received the file. */
  uploaded?: string;
  newest?: string;
}

/** What requires pins from outside of the set. */
export interface RootData {
  /** `requirements.txt:3: scipy==1.17.1`, `application my-app` */
  text: string;
  pin: number;
}

export interface ApplicationData {
  name: string;
  version: string;
  /** Its closure, its library included. */
  pins: number[];
}

export interface VulnerabilityData {
  pin: number;
  id: string;
  severity: string;
  summary: string;
  fixed: string[];
  url?: string;
  /** The review because of which it does not count. */
  exception?: string;
}

export interface ChangesData {
  /** The publication with which the set is compared. */
  since: { id: string; time: string };
  pins: { name: string; before?: string; after?: string; notes: string[] }[];
}

export interface RunData {
  at: string;
  tasks: { local: number; store: number; made: number };
  bytes: { downloaded: number; uploaded: number };
  savedMs: number;
}

/** Where data come from, or why they are missing. */
export interface SourceData {
  name: string;
  isMissing: boolean;
  text: string;
}
