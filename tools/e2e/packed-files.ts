/** What an npm archive must contain: everything that its manifest and the plugin's lists name. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProgram } from '@pinpack/common/program';
import { WORKSPACE } from './workspace.js';

/** The paths of an archive, without npm's `package/`. */
export async function readArchive(archive: string): Promise<string[]> {
  const output = await readProgram('tar', ['-tzf', archive]);
  return output
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
}

/** The files that an archive promises. @param folder - of the package: `libs/rpm-gen` */
export async function promisedFiles(folder: string): Promise<string[]> {
  const { exports, bin } = await readJson(join(folder, 'package.json'));
  const named = [...pathsIn(exports), ...pathsIn(bin)].filter((path) => !path.includes('*'));
  const listed = folder === 'libs/pinpack-executors' ? await pluginFiles(folder) : [];
  return [...named.map((path) => path.replace(/^\.\//, '')), ...listed, 'package.json', 'README.md'];
}

/** Executors and generators with their schemas, and all templates. */
async function pluginFiles(folder: string): Promise<string[]> {
  const lists = await Promise.all(['executors', 'generators'].map((kind) => readJson(join(folder, `${kind}.json`))));
  const entries = lists.flatMap(({ executors, generators }) => Object.values({ ...executors, ...generators }));
  const modules = entries.flatMap(({ implementation, factory, schema, batchImplementation }) =>
    [implementation, factory, schema, batchImplementation].filter((path) => path !== undefined),
  );
  const templates = await readProgram('git', ['ls-files', `${folder}/src/generators/*/files/**`], { cwd: WORKSPACE });
  return [
    ...modules.map((path) =>
      path
        .replace(/^\.\//, '')
        .replace(/#.*/, '')
        .replace(/(?<!\.js(?:on)?)$/, '.js'),
    ),
    ...templates
      .trim()
      .split('\n')
      .map((path) => path.slice(folder.length + 1)),
  ];
}

interface Listed {
  exports?: unknown;
  bin?: unknown;
  executors?: Record<string, Entry>;
  generators?: Record<string, Entry>;
}
type Entry = Partial<Record<'implementation' | 'factory' | 'schema' | 'batchImplementation', string>>;

async function readJson(path: string): Promise<Listed> {
  return JSON.parse(await readFile(join(WORKSPACE, path), 'utf8')) as Listed;
}

/** Only this workspace has the sources. */
function pathsIn(value: unknown, condition = ''): string[] {
  if (condition === '@pinpack/source') return [];
  if (typeof value === 'string') return [value];
  return Object.entries(value ?? {}).flatMap(([key, more]) => pathsIn(more, key));
}
