// The application's system account in an image: lines in copies of the base's /etc/passwd and /etc/group (passwd(5), group(5)). Pure.

export interface Account {
  uid: number;
  gid: number;
  /** Undefined where the base has the account already. */
  passwd: string | undefined;
  group: string | undefined;
}

/** Where useradd -r looks for free numbers, from the top. */
const LAST_SYSTEM_ID = 999;

/** @param name - of the RPM, for the comment */
export function planAccount(user: string, name: string, passwd: string, group: string): Account {
  const users = parse(passwd);
  const groups = parse(group);
  const known = users.find(([each]) => each === user);
  if (known !== undefined) return { uid: Number(known[2]), gid: Number(known[3]), passwd: undefined, group: undefined };
  const knownGroup = groups.find(([each]) => each === user);
  const taken = new Set([...users, ...groups].map((fields) => Number(fields[2])));
  let free = LAST_SYSTEM_ID;
  while (taken.has(free)) free--;
  const gid = knownGroup === undefined ? free : Number(knownGroup[2]);
  const line = `${user}:x:${free}:${gid}:Service account of ${name}:/:/sbin/nologin`;
  return {
    uid: free,
    gid,
    passwd: append(passwd, line),
    group: knownGroup === undefined ? append(group, `${user}:x:${gid}:`) : undefined,
  };
}

function parse(text: string): string[][] {
  return text.split('\n').map((line) => line.split(':'));
}

function append(text: string, line: string): string {
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${line}\n`;
}
