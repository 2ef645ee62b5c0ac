// Recognizes the errors of missing files. Any other error, such as a missing permission, must be reported.

/** Whether a file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

/** The same, also if a parent is not a folder (HOME=/dev/null). */
export function isAbsent(error: unknown): boolean {
  return isMissing(error) || hasCode(error, 'ENOTDIR');
}

/** For `catch` of a file operation: undefined if the file is absent, or rethrows the error. */
export function undefinedIfAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
