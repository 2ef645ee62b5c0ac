/** A relation as rpm prints it: name, operator and version. */
const LESS = 2;
const GREATER = 4;
const EQUAL = 8;

/** @param flags - of the header; only the comparison counts */
export function formatRelation(name: string, flags: number, version: string): string {
  const operator = `${flags & LESS ? '<' : ''}${flags & GREATER ? '>' : ''}${flags & EQUAL ? '=' : ''}`;
  return operator === '' || version === '' ? name : `${name} ${operator} ${version}`;
}
