// Starts a planned call with its system call filter.
import type { PlannedCall } from './sandbox.js';
import { encodeSeccompFilter } from './seccomp-filter.js';

export const SECCOMP_FILTER = encodeSeccompFilter(process.arch);

export interface StartOptions {
  cwd: string;
  env: Record<string, string>;
  input?: string;
  /** In milliseconds. */
  timeout: number;
}

/** Runs a planned call that prints little. It does not reject. */
export async function startPlanned(
  { program, words }: PlannedCall,
  options: StartOptions,
): Promise<{ failed: boolean; all: string }> {
  const { execa } = await import('execa');
  const { failed, all, shortMessage } = await execa(program, words, {
    ...options,
    ...commonOptions(true),
    all: true,
    reject: false,
  });
  return { failed, all: all === '' ? (shortMessage ?? '') : all };
}

/** @param isSandboxed - whether the program is bubblewrap, which reads the filter */
export function commonOptions(isSandboxed: boolean): {
  extendEnv: false;
  killSignal: 'SIGKILL';
  stdio: ['pipe', 'pipe', 'pipe', ...Uint8Array[]];
} {
  const filter = isSandboxed && SECCOMP_FILTER !== undefined ? [SECCOMP_FILTER] : [];
  // The descriptor's number is its place in this list.
  return { extendEnv: false, killSignal: 'SIGKILL', stdio: ['pipe', 'pipe', 'pipe', ...filter] };
}

/** Gives files to the user that root's builds run as. Links are not followed. */
export async function giveTo(user: number, paths: readonly string[]): Promise<void> {
  const { execa } = await import('execa');
  await execa('chown', ['-hR', `${user}:${user}`, '--', ...paths]);
}
