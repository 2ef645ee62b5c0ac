/**
 * Transaction file triggers (rpm.org, "File triggers"): scripts, with the paths that set them off as relations whose flags say when.
 *
 *     one item a script    TRANSFILETRIGGERSCRIPTS, …SCRIPTPROG, …PRIORITIES
 *     one item a path      TRANSFILETRIGGERNAME, …FLAGS, …VERSION (always empty), …INDEX (of the script)
 */
import type { RpmSpec, TransactionFileTrigger } from './spec.js';
import type { HeaderTags } from './tags.js';

const SENSE_FLAGS: Record<TransactionFileTrigger['on'], number> = { in: 1 << 16, un: 1 << 17, postun: 1 << 18 };
const DEFAULT_PRIORITY = 1_000_000;

interface TriggerPath {
  path: string;
  flags: number;
  /** Of the script. */
  index: number;
}

export function fileTriggerTags({ transactionFileTriggers: triggers = [] }: RpmSpec): HeaderTags {
  const paths = sortPaths(triggers.flatMap(triggerPaths));
  return {
    TRANSFILETRIGGERSCRIPTS: triggers.map(({ body }) => body.trimEnd()),
    TRANSFILETRIGGERSCRIPTPROG: triggers.map(({ interpreter }) => interpreter),
    TRANSFILETRIGGERPRIORITIES: triggers.map(({ priority = DEFAULT_PRIORITY }) => priority),
    TRANSFILETRIGGERNAME: paths.map(({ path }) => path),
    TRANSFILETRIGGERFLAGS: paths.map(({ flags }) => flags),
    TRANSFILETRIGGERVERSION: paths.map(() => ''),
    TRANSFILETRIGGERINDEX: paths.map(({ index }) => index),
  };
}

function triggerPaths({ on, paths }: TransactionFileTrigger, index: number): TriggerPath[] {
  return paths.map((path) => ({ path, flags: SENSE_FLAGS[on], index }));
}

/** As rpmbuild sorts every kind of relation. */
function sortPaths(paths: TriggerPath[]): TriggerPath[] {
  return paths.sort(
    (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)) || a.flags - b.flags || a.index - b.index,
  );
}
