// Turns the error of a missing file into undefined. Any other error, such as a missing permission, is thrown.

/** For `catch` of a file operation. A file in place of a parent folder counts as missing, too. */
export function undefinedIfAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
