/** Scriptlets and what they require (rpm.org, "Scriptlets"). */
import type { RpmSpec, Script, ScriptletFlag, ScriptletName } from './spec.js';
import type { UntranslatedTags } from './tags.js';

const TAG_NAMES = {
  pretrans: ['PRETRANS', 'PRETRANSPROG', 'PRETRANSFLAGS'],
  pre: ['PREIN', 'PREINPROG', 'PREINFLAGS'],
  post: ['POSTIN', 'POSTINPROG', 'POSTINFLAGS'],
  preun: ['PREUN', 'PREUNPROG', 'PREUNFLAGS'],
  postun: ['POSTUN', 'POSTUNPROG', 'POSTUNFLAGS'],
  posttrans: ['POSTTRANS', 'POSTTRANSPROG', 'POSTTRANSFLAGS'],
  preuntrans: ['PREUNTRANS', 'PREUNTRANSPROG', 'PREUNTRANSFLAGS'],
  postuntrans: ['POSTUNTRANS', 'POSTUNTRANSPROG', 'POSTUNTRANSFLAGS'],
  verify: ['VERIFYSCRIPT', 'VERIFYSCRIPTPROG', 'VERIFYSCRIPTFLAGS'],
} as const;

const FLAG_BITS: Record<ScriptletFlag, number> = { expand: 1, qformat: 2, critical: 4 };

export const SCRIPTLET_NAMES = Object.keys(TAG_NAMES) as ScriptletName[];

export const LUA = '<lua>';

export function scriptletTags(spec: RpmSpec): UntranslatedTags {
  const tags: UntranslatedTags = {};
  for (const name of SCRIPTLET_NAMES) {
    const scriptlet = spec.scriptlets[name];
    if (scriptlet === undefined) continue;
    const [bodyTag, interpreterTag, flagsTag] = TAG_NAMES[name];
    const body = scriptlet.body.trimEnd();
    const flags = encodeFlags(scriptlet);
    if (body !== '') tags[bodyTag] = body;
    tags[interpreterTag] = [scriptlet.interpreter, ...(scriptlet.args ?? [])];
    if (flags !== 0) tags[flagsTag] = [flags];
  }
  return tags;
}

export function encodeFlags({ flags = [] }: Script): number {
  return flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
}

/** Every program that a spec gives to rpm, triggers included, with a name for messages and the scriptlet that it is, if it is one. */
export function programsOf(spec: RpmSpec): SpecProgram[] {
  const { scriptlets, packageTriggers = [], fileTriggers = [], transactionFileTriggers = [] } = spec;
  return [
    ...SCRIPTLET_NAMES.flatMap((name): SpecProgram[] => {
      const scriptlet = scriptlets[name];
      return scriptlet === undefined ? [] : [{ ...scriptlet, title: `scriptlet ${name}`, name }];
    }),
    ...packageTriggers.map((trigger) => ({ ...trigger, title: `trigger ${trigger.on}` })),
    ...fileTriggers.map((trigger) => ({ ...trigger, title: `file trigger ${trigger.on}` })),
    ...transactionFileTriggers.map((trigger) => ({ ...trigger, title: `transaction file trigger ${trigger.on}` })),
  ];
}

interface SpecProgram extends Script {
  title: string;
  name?: ScriptletName;
  args?: string[];
}
