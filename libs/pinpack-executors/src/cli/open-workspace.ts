// Finds the workspace of a folder and reads its nx.json, without loading Nx.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';
import { PinpackError } from '../pinpack-error.js';
import type { CommandContext } from './commands.js';

/** Nx reads these files too; what the environment has goes before them. */
const ENVIRONMENT_FILES = ['.env.local', '.local.env', '.env'];

/** @throws PinpackError `PINPACK_NO_WORKSPACE` */
export async function openWorkspace(folder: string): Promise<CommandContext> {
  const root = findRoot(folder);
  if (root === undefined) {
    throw new PinpackError('PINPACK_NO_WORKSPACE', folder, [
      'neither it nor a folder above it has an nx.json',
      'Run pinpack in a workspace, or make one: npx nx g pinpack:init',
    ]);
  }
  for (const name of ENVIRONMENT_FILES) {
    const file = join(root, name);
    if (existsSync(file)) process.loadEnvFile(file);
  }
  return { root, nxJsonConfiguration: await readNxJson(join(root, 'nx.json')) };
}

function findRoot(folder: string): string | undefined {
  if (existsSync(join(folder, 'nx.json'))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : findRoot(above);
}

async function readNxJson(file: string): Promise<NxJsonConfiguration> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as NxJsonConfiguration;
  } catch {
    // It may have comments, which Nx's own reader knows, and explains errors.
    const { readJsonFile } = await import('@nx/devkit');
    return readJsonFile<NxJsonConfiguration>(file);
  }
}
