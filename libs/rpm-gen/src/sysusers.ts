/** What a file of sysusers.d provides (sysusers.d(5); rpm.org, "rpm-sysusers"): rpm 4.19 and newer creates these users and groups before the package's files. */
import type { Relation } from './spec.js';

const KINDS: Record<string, string> = { u: 'user', 'u!': 'user', g: 'group', m: 'groupmember' };

/** As rpmbuild's generator does: the whole line, in base64, is the version of the provide. Lines of another type are left out. */
export function sysusersProvides(text: string): Relation[] {
  return text.split('\n').flatMap((line): Relation[] => {
    const fields = line.split(/\s+/).filter((field) => field !== '');
    const [type = '', name, member] = fields;
    const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
    if (line.startsWith('#') || name === undefined || kind === undefined) return [];
    if (kind === 'groupmember' && member === undefined) return [];
    const provided = kind === 'groupmember' ? `${name}/${member ?? ''}` : name;
    const own: Relation = { name: `${kind}(${provided})`, sense: '=', version: encode(fields.join(' ')) };
    return kind === 'user' ? [own, { name: `group(${name})` }] : [own];
  });
}

/** Whether a version of such a provide is base64, which has a character that other versions can't have. */
export function isSysusersVersion(name: string, version: string): boolean {
  return /^(?:user|group|groupmember)\(/.test(name) && /^[A-Za-z0-9+/]+$/.test(version);
}

/** Padded with NULs to a multiple of three bytes, so that no `=` is in it. */
function encode(line: string): string {
  const bytes = Buffer.from(line);
  return Buffer.concat([bytes, Buffer.alloc((3 - (bytes.length % 3)) % 3)]).toString('base64');
}
