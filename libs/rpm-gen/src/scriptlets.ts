/** Scriptlets and what they require (rpm.org, "Scriptlets"). */
import type { RpmSpec, Scriptlet, ScriptletName } from './spec.js';
import type { HeaderTags } from './tags.js';

const TAG_NAMES = {
  pre: ['PREIN', 'PREINPROG'],
  post: ['POSTIN', 'POSTINPROG'],
  preun: ['PREUN', 'PREUNPROG'],
  postun: ['POSTUN', 'POSTUNPROG'],
  posttrans: ['POSTTRANS', 'POSTTRANSPROG'],
  verify: ['VERIFYSCRIPT', 'VERIFYSCRIPTPROG'],
} as const;

export const SCRIPTLET_NAMES = Object.keys(TAG_NAMES) as ScriptletName[];

export const LUA = '<lua>';

export function scriptletTags(spec: RpmSpec): HeaderTags {
  const tags: HeaderTags = {};
  for (const name of SCRIPTLET_NAMES) {
    const scriptlet = spec.scriptlets[name];
    if (scriptlet === undefined) continue;
    const [bodyTag, interpreterTag] = TAG_NAMES[name];
    const body = scriptlet.body.trimEnd();
    if (body !== '') tags[bodyTag] = body;
    tags[interpreterTag] = scriptlet.interpreter;
  }
  return tags;
}

/** Every program that a spec gives to rpm, file triggers included, with a name for messages and the scriptlet that it is, if it is one. */
export function programsOf({ scriptlets, transactionFileTriggers = [] }: RpmSpec): SpecProgram[] {
  return [
    ...SCRIPTLET_NAMES.flatMap((name): SpecProgram[] => {
      const scriptlet = scriptlets[name];
      return scriptlet === undefined ? [] : [{ ...scriptlet, title: `scriptlet ${name}`, name }];
    }),
    ...transactionFileTriggers.map((trigger) => ({ ...trigger, title: `transaction file trigger ${trigger.on}` })),
  ];
}

interface SpecProgram extends Scriptlet {
  title: string;
  name?: ScriptletName;
}
