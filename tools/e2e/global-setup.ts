/** Before the end-to-end tests: a fresh clone in which README's first command has made every RPM. Tests read it and never change it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { cloneWorkspace, readFirstCommand } from './workspace.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the built clone. */
    built: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-e2e-'));
  const built = join(folder, 'built');
  const workspace = await cloneWorkspace(built);
  console.log(`e2e: ${built}: ${await readFirstCommand()}`);
  await workspace.run(await readFirstCommand());
  project.provide('built', built);
  return () => rm(folder, { recursive: true, force: true });
}
