// File-system calls that a spec counts, and of which one fails. Specs replace `node:fs/promises` and `node:fs` by these modules.
import type * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import { Readable } from 'node:stream';

export const FAULT_CODES = ['ENOSPC', 'EIO', 'EACCES', 'EMFILE'] as const;

type AnyFunction = (...parameters: unknown[]) => unknown;

class FileSystemFaults {
  /** Calls since `start`: `link /path`, `sync /path`. */
  calls: string[] = [];
  /** The call that failed since `start`. */
  failed = '';
  private failing: { index: number; code: string } | undefined;
  private folders: readonly string[] = [];

  /**
   * Counts the calls for paths in the folders from now on.
   *
   * @param failing - index of the call that fails, once, and its error code
   */
  start(folders: readonly string[], failing?: { index: number; code: string }): void {
    this.calls = [];
    this.failed = '';
    this.failing = failing;
    this.folders = folders;
  }

  stop(): void {
    this.folders = [];
    this.failing = undefined;
  }

  /** @throws the error of the call that fails */
  step(name: string, path: unknown): void {
    if (typeof path !== 'string' || !this.folders.some((folder) => path.startsWith(folder))) return;
    const index = this.calls.push(`${name} ${path}`) - 1;
    if (index !== this.failing?.index) return;
    const { code } = this.failing;
    this.failed = `${name} ${path}`;
    throw Object.assign(new Error(`${code}: injected, ${name} '${path}'`), { code, syscall: name, path });
  }
}

export const faults = new FileSystemFaults();

export function failingPromises(actual: typeof promises): typeof promises {
  const names = Object.keys(actual).filter((name) => typeof Reflect.get(actual, name) === 'function');
  const replaced = names.map((name) => {
    const call = Reflect.get(actual, name) as AnyFunction;
    return [
      name,
      async (...parameters: unknown[]) => {
        // The new path of a link or a rename is the one that matters.
        faults.step(name, ['link', 'symlink', 'rename', 'copyFile'].includes(name) ? parameters[1] : parameters[0]);
        const result = await call(...parameters);
        return name === 'open' ? failingHandle(result as promises.FileHandle, String(parameters[0])) : result;
      },
    ];
  });
  return { ...actual, ...(Object.fromEntries(replaced) as object) };
}

/** Closing never fails: a handle that stays open would be a fault of the spec. */
function failingHandle(handle: promises.FileHandle, path: string): promises.FileHandle {
  const names = ['read', 'write', 'writev', 'writeFile', 'readFile', 'stat', 'sync', 'chmod'] as const;
  for (const name of names) {
    const call = Reflect.get(handle, name) as AnyFunction;
    const replaced = async (...parameters: unknown[]) => {
      faults.step(name, path);
      const result: unknown = await Reflect.apply(call, handle, parameters);
      return result;
    };
    Object.defineProperty(handle, name, { value: replaced });
  }
  return handle;
}

export function failingCallbacks(actual: typeof fs): typeof fs {
  const createReadStream = (...parameters: Parameters<typeof fs.createReadStream>) => {
    try {
      faults.step('createReadStream', parameters[0]);
    } catch (error) {
      return new Readable({
        read() {
          this.destroy(error as Error);
        },
      });
    }
    return actual.createReadStream(...parameters);
  };
  const names = ['appendFileSync', 'mkdirSync', 'readFileSync', 'rmSync', 'statSync', 'symlinkSync', 'writeFileSync'];
  const replaced = names.map((name) => {
    const call = Reflect.get(actual, name) as AnyFunction;
    return [
      name,
      (...parameters: unknown[]) => {
        faults.step(name, parameters[name === 'symlinkSync' ? 1 : 0]);
        return call(...parameters);
      },
    ];
  });
  const streams = { createReadStream: createReadStream as typeof fs.createReadStream };
  return { ...actual, ...streams, ...(Object.fromEntries(replaced) as object) };
}
