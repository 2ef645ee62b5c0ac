/** Logical lines of a requirements file (pip documentation, "Requirements File Format"; `join_lines` in pip). */

/** `line` is the number of the first physical line, counted from 1. */
export interface LogicalLine {
  readonly raw: string;
  readonly line: number;
}

const COMMENT_LINE = /^\s*#/;
const COMMENT = /(?:^|\s)#.*$/;

/** Joins continued lines, then removes comments and surrounding blanks. A comment line ends a continuation. */
export function logicalLines(text: string): LogicalLine[] {
  const logical: LogicalLine[] = [];
  let pending: LogicalLine | undefined;
  for (const [index, physical] of physicalLines(text).entries()) {
    const comment = COMMENT_LINE.test(physical);
    const continued = !comment && physical.endsWith('\\');
    // A comment has to follow a blank, also after a continued line.
    const part = continued ? physical.replace(/^\\+|\\+$/g, '') : `${comment ? ' ' : ''}${physical}`;
    const joined = { raw: `${pending?.raw ?? ''}${part}`, line: pending?.line ?? index + 1 };
    pending = continued ? joined : undefined;
    if (!continued) logical.push(joined);
  }
  if (pending !== undefined) logical.push(pending);
  return logical
    .map(({ raw, line }) => ({ raw: raw.replace(COMMENT, '').trim(), line }))
    .filter(({ raw }) => raw !== '');
}

function physicalLines(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
}
