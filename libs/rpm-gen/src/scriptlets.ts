/** Scriptlets and what they require (rpm.org, "Scriptlets"). */
import type { Relation, RpmSpec, ScriptletName } from './spec.js';
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

/** rpm brings Lua itself; any other interpreter must be there when the scriptlet runs. */
export function interpreterRequires(spec: RpmSpec): (Relation & { scriptlet: ScriptletName })[] {
  return SCRIPTLET_NAMES.flatMap((scriptlet) => {
    const interpreter = spec.scriptlets[scriptlet]?.interpreter;
    return interpreter === undefined || interpreter === LUA ? [] : [{ name: interpreter, scriptlet }];
  });
}
