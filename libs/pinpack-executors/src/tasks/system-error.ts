// Describes errors of the file system: the path that is at fault, and the next step.
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageWithCode } from '@pinpack/common/coded-error';
import { PinpackError } from '../pinpack-error.js';

export type SystemError = NodeJS.ErrnoException & { syscall: string; dest?: string };

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

export function describeSystemError(error: SystemError): string {
  // Copying, renaming and linking have two paths. Only the target is written.
  const path = error.dest ?? error.path;
  const lines = path === undefined ? undefined : explain(error, path);
  if (path === undefined || lines === undefined) return `${path ?? error.syscall}: ${error.message}`;
  const [subject, ...rest] = lines;
  return messageWithCode(new PinpackError('PINPACK_FILE_SYSTEM', subject, rest, { cause: error }));
}

/** The subject, what is wrong with it, the next step. */
function explain({ code, syscall }: SystemError, path: string): [string, ...string[]] | undefined {
  switch (code) {
    case 'ENOSPC':
      return [path, 'cannot be written: no space is left on its file system', `See: df -h ${dirname(path)}`];
    case 'EDQUOT':
      return [path, 'cannot be written: the disk quota is used up', 'See: quota -s'];
    case 'EROFS':
      return [path, 'cannot be written: its file system is mounted read-only', `See: findmnt -T ${dirname(path)}`];
    case 'EACCES':
    case 'EPERM':
      return [
        path,
        `access is denied for the user with the ID ${String(process.getuid?.())}`,
        `See: ls -ld ${dirname(path)} ${path}`,
      ];
    case 'ENOTDIR':
    case 'EEXIST': {
      const file = code === 'EEXIST' && syscall !== 'mkdir' ? undefined : fileAbove(path);
      if (file === undefined) return undefined;
      return [file, 'is a file, expected a folder', 'Move or remove the file; pinpack creates the folder.'];
    }
    default:
      return undefined;
  }
}

/** The path itself or the parent that is not a folder. */
function fileAbove(path: string): string | undefined {
  for (let place = path; place !== dirname(place); place = dirname(place)) {
    try {
      return lstatSync(place).isDirectory() ? undefined : place;
    } catch {
      // Missing, or below a file.
    }
  }
  return undefined;
}
