/** The error class of this package: a stable code, the subject, and every issue found. */
import { CodedError } from '@pinpack/common/coded-error';
import { redactUrls } from '@pinpack/common/redact';

export type DistErrorCode =
  | 'DIST_WHEEL_FILE_NAME_INVALID'
  | 'DIST_WHEEL_UNREADABLE'
  | 'DIST_WHEEL_CLOSED'
  | 'DIST_WHEEL_TRUNCATED'
  | 'DIST_WHEEL_TOO_LARGE'
  | 'DIST_WHEEL_DAMAGED'
  | 'DIST_WHEEL_PATH_ESCAPES'
  | 'DIST_WHEEL_PATH_INVALID'
  | 'DIST_WHEEL_DUPLICATE_ENTRY'
  | 'DIST_WHEEL_ENTRY_KIND'
  | 'DIST_WHEEL_ENTRY_ENCRYPTED'
  | 'DIST_WHEEL_METHOD_UNSUPPORTED'
  | 'DIST_WHEEL_ENTRIES_OVERLAP'
  | 'DIST_WHEEL_ENTRY_UNKNOWN'
  | 'DIST_WHEEL_ENTRY_POINTS'
  | 'DIST_WHEEL_DIST_INFO'
  | 'DIST_WHEEL_METADATA_INVALID'
  | 'DIST_WHEEL_METADATA_MISMATCH'
  | 'DIST_WHEEL_VERSION_UNSUPPORTED'
  | 'DIST_CANONICAL_WHEEL_ORDER'
  | 'DIST_RECORD_MISSING'
  | 'DIST_RECORD_INVALID'
  | 'DIST_RECORD_MISMATCH'
  | 'DIST_RECORD_DUPLICATE'
  | 'DIST_RECORD_WEAK_DIGEST'
  | 'DIST_METADATA_INVALID'
  | 'DIST_NAME_INVALID'
  | 'DIST_VERSION_INVALID'
  | 'DIST_SPECIFIER_INVALID'
  | 'DIST_REQUIREMENT_INVALID'
  | 'DIST_REQUIREMENTS_FILE_INVALID'
  | LockErrorCode;

/** Codes of the lock, the index client, the resolver and builds. */
export type LockErrorCode =
  | `DIST_LOCK_${string}`
  | `DIST_INDEX_${string}`
  | `DIST_RESOLVE_${string}`
  | `DIST_SOURCE_${string}`
  | `DIST_MARKER_${string}`
  | `DIST_BUILD_${string}`
  | `DIST_CRATES_${string}`
  | `DIST_GIT_${string}`
  | `DIST_ORIGIN_${string}`
  | `DIST_PYTHON_${string}`;

/** A single problem. The first line of `message` is what was found; further lines are what was expected and the next step. */
export interface DistIssue {
  readonly code: DistErrorCode;
  readonly message: string;
}

export type DistIssues = readonly [DistIssue, ...DistIssue[]];

/** Thrown for invalid distributions, locks and settings. `code` is that of the first issue. */
export class DistError extends CodedError<DistErrorCode> {
  override readonly name = 'DistError';
  readonly issues: DistIssues;

  constructor(subject: string, issues: DistIssues, options?: ErrorOptions) {
    const place = issues.length === 1 ? placeIn(subject, issues[0].message) : undefined;
    super(issues[0].code, place?.subject ?? subject, place?.lines ?? formatIssues(issues), options);
    const [first, ...others] = issues;
    this.issues = [withoutSecrets(first), ...others.map(withoutSecrets)];
  }
}

function withoutSecrets({ code, message }: DistIssue): DistIssue {
  return { code, message: redactUrls(message) };
}

/** An issue of several lines: what was found, what was expected, the next step. */
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

/** The place that a message names, if it is a line of the subject: `requirements.txt:3: …`. */
function placeIn(subject: string, message: string): { subject: string; lines: string } | undefined {
  if (!message.startsWith(`${subject}:`)) return undefined;
  const [, line = '', rest = ''] = /^:(\d+): (.*)$/s.exec(message.slice(subject.length)) ?? [];
  return line === '' ? undefined : { subject: `${subject}:${line}`, lines: indent(rest, '  ') };
}

/** A crafted file can have a problem in each of its entries. */
const SHOWN_ISSUES = 50;

function formatIssues(issues: DistIssues): string {
  if (issues.length === 1) return indent(issues[0].message, '  ');
  const shown = issues.slice(0, SHOWN_ISSUES).map(({ message }) => `  - ${indent(message, '    ')}`);
  const rest = issues.length > SHOWN_ISSUES ? [`  and ${issues.length - SHOWN_ISSUES} more`] : [];
  return [`${issues.length} problems`, ...shown, ...rest].join('\n');
}

function indent(message: string, margin: string): string {
  return message.replaceAll('\n', `\n${margin}`);
}
