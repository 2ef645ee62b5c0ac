/**
 * Triggers (rpm.org, "Triggers" and "File triggers"): scripts, with the packages or paths that run them as relations whose flags say when.
 *
 *     one item per script      …SCRIPTS, …SCRIPTPROG, …SCRIPTFLAGS (where any has some), …PRIORITIES (of file triggers)
 *     one item per condition   …NAME, …FLAGS, …VERSION, …INDEX (of the script)
 */
import { encodeFlags } from './scriptlets.js';
import { compareRelations, encodeRelation, type EncodedRelation } from './relation.js';
import type { FileTrigger, PackageTrigger, RpmSpec, Script } from './spec.js';
import type { UntranslatedTags } from './tags.js';

const SENSE_FLAGS: Record<PackageTrigger['on'], number> = { in: 1 << 16, un: 1 << 17, postun: 1 << 18, prein: 1 << 25 };
const DEFAULT_PRIORITY = 1_000_000;

interface Condition extends EncodedRelation {
  /** Of the script. */
  index: number;
}

export function triggerTags(spec: RpmSpec): UntranslatedTags {
  const { packageTriggers = [], fileTriggers = [], transactionFileTriggers = [] } = spec;
  const packages = encodeTriggers(packageTriggers, ({ packages }) => packages);
  const files = encodeTriggers(fileTriggers, pathsOf);
  const transactions = encodeTriggers(transactionFileTriggers, pathsOf);
  return {
    TRIGGERSCRIPTS: packages.bodies,
    TRIGGERSCRIPTPROG: packages.interpreters,
    TRIGGERSCRIPTFLAGS: packages.flags,
    TRIGGERNAME: packages.names,
    TRIGGERFLAGS: packages.senses,
    TRIGGERVERSION: packages.versions,
    TRIGGERINDEX: packages.indexes,
    FILETRIGGERSCRIPTS: files.bodies,
    FILETRIGGERSCRIPTPROG: files.interpreters,
    FILETRIGGERSCRIPTFLAGS: files.flags,
    FILETRIGGERPRIORITIES: fileTriggers.map(priorityOf),
    FILETRIGGERNAME: files.names,
    FILETRIGGERFLAGS: files.senses,
    FILETRIGGERVERSION: files.versions,
    FILETRIGGERINDEX: files.indexes,
    TRANSFILETRIGGERSCRIPTS: transactions.bodies,
    TRANSFILETRIGGERSCRIPTPROG: transactions.interpreters,
    TRANSFILETRIGGERSCRIPTFLAGS: transactions.flags,
    TRANSFILETRIGGERPRIORITIES: transactionFileTriggers.map(priorityOf),
    TRANSFILETRIGGERNAME: transactions.names,
    TRANSFILETRIGGERFLAGS: transactions.senses,
    TRANSFILETRIGGERVERSION: transactions.versions,
    TRANSFILETRIGGERINDEX: transactions.indexes,
  };
}

/** The relations of all triggers, for the rpmlib features that their versions need. */
export function triggerConditions({ packageTriggers = [] }: RpmSpec): PackageTrigger['packages'] {
  return packageTriggers.flatMap(({ packages }) => packages);
}

const pathsOf = ({ paths }: FileTrigger): PackageTrigger['packages'] => paths.map((name) => ({ name }));
const priorityOf = ({ priority = DEFAULT_PRIORITY }: FileTrigger): number => priority;

function encodeTriggers<T extends Script & { on: PackageTrigger['on'] }>(
  triggers: readonly T[],
  conditionsOf: (trigger: T) => PackageTrigger['packages'],
) {
  const conditions = triggers
    .flatMap((trigger, index) =>
      conditionsOf(trigger).map((condition): Condition => {
        const relation = encodeRelation(condition);
        return { ...relation, flags: relation.flags | SENSE_FLAGS[trigger.on], index };
      }),
    )
    .sort((a, b) => compareRelations(a, b) || a.index - b.index);
  const flags = triggers.map(encodeFlags);
  return {
    bodies: triggers.map(({ body }) => body.trimEnd()),
    interpreters: triggers.map(({ interpreter }) => interpreter),
    flags: flags.some((bits) => bits !== 0) ? flags : [],
    names: conditions.map(({ name }) => name),
    senses: conditions.map(({ flags }) => flags),
    versions: conditions.map(({ version }) => version),
    indexes: conditions.map(({ index }) => index),
  };
}
