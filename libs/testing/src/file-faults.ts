// Makes one call of node:fs/promises fail, for specs that fail every call in turn. Imports nothing that imports that module:
//
//     vi.mock('node:fs/promises', async (original) => {
//       const { withFaults } = await import('@pinpack/testing/file-faults');
//       return withFaults(await original());
//     });
import type { FileHandle } from 'node:fs/promises';

type Promises = typeof import('node:fs/promises');

/** The errors of a full disk, a damaged one and a missing permission. */
export const FILE_FAULTS = ['ENOSPC', 'EIO', 'EACCES'] as const;
export type FileFault = (typeof FILE_FAULTS)[number];

const state = { calls: 0, failAt: 0, fault: 'EIO' as FileFault, failed: '' };

/** Counts from here on, and fails the call of that number. @param failAt - from 1; 0 fails none */
export function failFileCall(failAt: number, fault: FileFault = 'EIO'): void {
  Object.assign(state, { calls: 0, failAt, fault, failed: '' });
}

/** @returns the call that failed, such as `rename`; '' if there were fewer calls */
export function endFileFaults(): { failed: string; calls: number } {
  const { failed, calls } = state;
  Object.assign(state, { failAt: 0 });
  return { failed, calls };
}

export function withFaults(original: Promises): Promises {
  const wrapped: Record<string, unknown> = { ...original };
  for (const [name, member] of Object.entries(original)) {
    if (typeof member === 'function') wrapped[name] = faulty(name, member as Call, original);
  }
  return { ...wrapped, default: wrapped } as unknown as Promises;
}

type Call = (...args: unknown[]) => unknown;

function faulty(name: string, call: Call, self: unknown): Call {
  return async (...args) => {
    fail(name, args[0]);
    const result = await call.apply(self, args);
    return name === 'open' ? faultyHandle(result as FileHandle) : result;
  };
}

const STREAMS = new Set(['createReadStream', 'createWriteStream', 'readableWebStream', 'readLines']);

function faultyHandle(handle: FileHandle): FileHandle {
  return new Proxy(handle, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const call = (member as Call).bind(target);
      if (typeof name !== 'string' || STREAMS.has(name)) return call;
      return async (...args: unknown[]) => {
        // A failed close closes nevertheless, as on Linux.
        const result = name === 'close' ? await call(...args) : undefined;
        fail(`FileHandle.${name}`, '');
        return name === 'close' ? result : call(...args);
      };
    },
  });
}

function fail(name: string, path: unknown): void {
  state.calls++;
  if (state.calls !== state.failAt) return;
  state.failed = name;
  const error = new Error(`${state.fault}: injected fault, ${name} '${String(path)}'`);
  throw Object.assign(error, { code: state.fault, syscall: name, path: String(path) });
}
