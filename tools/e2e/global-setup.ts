/**
 * For the end-to-end tests: a fresh clone in which README's first command makes every RPM, with the wheels. Tests read it and never change it.
 * By day it gets what `npm ci` makes from this workspace: CI has just run that command, in a clone that was as fresh.
 * The command runs beside other tests: `await-built.ts` waits for its end before each end-to-end file.
 * PINPACK_E2E_BUILT names a folder that keeps the clone for further runs, which then take it as it is.
 */
import { access, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { clearState, reportFailed, reportReady } from './built-state.js';
import { makeImageBase } from './image-base.js';
import { cloneWorkspace, readFirstCommand, shareInstalled } from './workspace.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the built clone. */
    built: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kept = process.env.PINPACK_E2E_BUILT;
  const folder = kept === undefined ? await mkdtemp(join(tmpdir(), 'pinpack-e2e-')) : undefined;
  const built = kept ?? join(folder ?? '', 'built');
  project.provide('built', built);
  await clearState(built);
  const outputs = prepare(built);
  return async () => {
    const before = await outputs;
    const changed = before === undefined ? [] : symmetricDifference(before, await listOutputs(built));
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    if (changed.length > 0) throw new Error(`a test changed the built clone:\n${changed.join('\n')}`);
  };
}

/** The clone's outputs as tests find them; undefined if it could not be built, which each end-to-end file reports. */
async function prepare(built: string): Promise<Set<string> | undefined> {
  try {
    // The base of the image tests takes a minute too, most of it the network's. They report why there is none.
    await Promise.all([build(built), makeImageBase().catch(() => undefined)]);
    const outputs = await listOutputs(built);
    await reportReady(built);
    return outputs;
  } catch (error) {
    await reportFailed(built, error);
    return undefined;
  }
}

async function build(folder: string): Promise<void> {
  const stamp = `${folder}.built`;
  const isBuilt = await access(stamp).then(
    () => true,
    () => false,
  );
  if (isBuilt) return;
  const workspace = await cloneWorkspace(folder, { isolatePlugins: true });
  let command = await readFirstCommand();
  if (process.env.PINPACK_NIGHTLY !== '1') {
    await shareInstalled(workspace);
    command = command.replace(/^npm ci && /, '');
  }
  console.log(`e2e: ${folder}: ${command}`);
  await workspace.run(command);
  // RPMs need no downloaded wheel in dist, but tests compare both.
  await workspace.nx('run-many -t wheel');
  await writeFile(stamp, '');
}

/** The files of `dist` and `libs` with what a change of their content would change; copies of the clone share them by hard links. */
async function listOutputs(folder: string): Promise<Set<string>> {
  const listed = ['dist', 'libs'].map(async (name) =>
    (await readdir(join(folder, name), { recursive: true })).map((file) => join(name, file)),
  );
  const lines = (await Promise.all(listed)).flat().map(async (file) => {
    const { size, mtimeMs, ino } = await stat(join(folder, file));
    return `${file}: ${size} bytes, inode ${ino}, modified ${new Date(mtimeMs).toISOString()}`;
  });
  return new Set(await Promise.all(lines));
}

function symmetricDifference(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return [...[...one].filter((line) => !other.has(line)), ...[...other].filter((line) => !one.has(line))];
}
