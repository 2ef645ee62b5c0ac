/** Starts a process with the command line of Nx's client. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface StartedClient {
  child: ChildProcess;
  pid: number;
  /** As its `process.argv`. */
  argv: string[];
}

/** The process ends with the test. @param folder - its working folder */
export async function startClient(
  folder: string,
  words: string[],
  environment: Record<string, string> = {},
): Promise<StartedClient> {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const script = join(folder, 'bin/nx');
  writeFileSync(script, 'process.stdin.resume(); console.log("ready")');
  const child = spawn(process.execPath, ['--no-warnings', script, ...words], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { child, pid: child.pid ?? 0, argv: [process.execPath, script, ...words] };
}
