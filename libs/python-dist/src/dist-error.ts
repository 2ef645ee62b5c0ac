/** The one error class of this room: a stable code, the subject it speaks about, and every issue that was found. */

export type DistErrorCode =
  | 'WHEEL_FILE_NAME_INVALID'
  | 'WHEEL_UNREADABLE'
  | 'WHEEL_CLOSED'
  | 'WHEEL_TRUNCATED'
  | 'WHEEL_DAMAGED'
  | 'WHEEL_PATH_ESCAPES'
  | 'WHEEL_PATH_INVALID'
  | 'WHEEL_DUPLICATE_ENTRY'
  | 'WHEEL_ENTRY_KIND'
  | 'WHEEL_ENTRY_ENCRYPTED'
  | 'WHEEL_METHOD_UNSUPPORTED'
  | 'WHEEL_ENTRIES_OVERLAP'
  | 'WHEEL_ENTRY_UNKNOWN'
  | 'WHEEL_ENTRY_POINTS'
  | 'WHEEL_DIST_INFO'
  | 'WHEEL_METADATA_INVALID'
  | 'WHEEL_METADATA_MISMATCH'
  | 'WHEEL_VERSION_UNSUPPORTED'
  | 'CANONICAL_WHEEL_ORDER'
  | 'RECORD_MISSING'
  | 'RECORD_INVALID'
  | 'RECORD_MISMATCH'
  | 'RECORD_DUPLICATE'
  | 'RECORD_WEAK_DIGEST'
  | 'METADATA_INVALID'
  | 'NAME_INVALID'
  | 'VERSION_INVALID'
  | 'SPECIFIER_INVALID'
  | 'REQUIREMENT_INVALID'
  | 'REQUIREMENTS_FILE_INVALID'
  | LockErrorCode;

/** Codes of the lock, the index client and the resolver: any stable code of theirs. */
export type LockErrorCode =
  `LOCK_${string}` | `INDEX_${string}` | `RESOLVE_${string}` | `SOURCE_${string}` | `MARKER_${string}`;

/** One thing that is wrong. `message` opens with what was found; further lines give what was expected and the next step. */
export interface DistIssue {
  readonly code: DistErrorCode;
  readonly message: string;
}

export type DistIssues = readonly [DistIssue, ...DistIssue[]];

/** Thrown for everything that is wrong with a distribution. `code` is that of the first issue. */
export class DistError extends Error {
  override readonly name = 'DistError';
  readonly code: DistErrorCode;
  readonly subject: string;
  readonly issues: DistIssues;

  constructor(subject: string, issues: DistIssues, options?: ErrorOptions) {
    super(formatIssues(subject, issues), options);
    this.code = issues[0].code;
    this.subject = subject;
    this.issues = issues;
  }
}

/** An issue of several lines: what was found, then what was expected and what to do. */
export function issue(code: DistErrorCode, found: string, ...details: readonly string[]): DistIssue {
  return { code, message: [found, ...details].join('\n') };
}

/** A `DistError` with a single issue. */
export function distError(
  subject: string,
  code: DistErrorCode,
  lines: string | readonly string[],
  options?: ErrorOptions,
): DistError {
  return new DistError(subject, [{ code, message: typeof lines === 'string' ? lines : lines.join('\n') }], options);
}

/** Throws a `DistError` when there is at least one issue. */
export function throwIssues(subject: string, issues: readonly DistIssue[]): void {
  const [first, ...others] = issues;
  if (first !== undefined) throw new DistError(subject, [first, ...others]);
}

function formatIssues(subject: string, issues: DistIssues): string {
  if (issues.length === 1) return `${subject}: ${indent(issues[0].message, '  ')}`;
  return [
    `${subject}: ${issues.length} problems`,
    ...issues.map(({ message }) => `  - ${indent(message, '    ')}`),
  ].join('\n');
}

function indent(message: string, margin: string): string {
  return message.replaceAll('\n', `\n${margin}`);
}
