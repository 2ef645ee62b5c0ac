// Calls the hooks of a source tree's build backend (PEP 517) in the build sandbox: isolated, offline and reproducible.
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildRecipe } from '../lock/build-recipe.js';
import type { BuildSystem } from './project-files.js';
import {
  buildEnvironment,
  hiddenFolders,
  hiddenPrograms,
  ISOLATION,
  planCall,
  secretFiles,
  type BuildFolders,
} from './sandbox.js';

const DRIVER = fileURLToPath(new URL('../../python/backend.py', import.meta.url));

/** A source tree, unpacked at `<work>/source`, and how it is built. */
export interface PreparedBuild {
  folders: BuildFolders;
  system: BuildSystem;
  recipe: Pick<BuildRecipe, 'environment' | 'configSettings'>;
}

export interface HookResult {
  failed: boolean;
  /** The hook's return value; undefined if it failed, null if the backend has no such hook. */
  answer: unknown;
  /** Standard output and standard error. */
  output: string;
}

/** Makes the hook's arguments from the folders as the build sees them. */
type Arguments = (folders: BuildFolders) => Record<string, unknown>;

/** @param hidesPrograms - whether to hide programs that are also on package indexes; see `hiddenPrograms` */
export async function callHook(
  { folders, system, recipe }: PreparedBuild,
  hook: string,
  of: Arguments,
  hidesPrograms = false,
): Promise<HookResult> {
  const isSandboxed = await canSandbox();
  const python = await pythonPrefix(folders.environment);
  const result = join(folders.work, 'result.json');
  await rm(result, { force: true });
  for (const name of ['home', 'out', 'environment', 'temporary'])
    await mkdir(join(folders.work, name), { recursive: true });
  const programs = hidesPrograms ? hiddenPrograms(existsSync) : [];
  const planned = planCall({ ...folders, python }, (seen) => [join(seen.environment, 'bin/python'), '-s', DRIVER], {
    isSandboxed,
    hidden: [...programs, ...secretFiles(existsSync)],
    hiddenFolders: hiddenFolders(homedir(), process.cwd(), existsSync).map((path) => realpathSync(path)),
    readable: [DRIVER, ...toolFolders()],
  });
  const { execa } = await import('execa');
  const { all, failed } = await execa(planned.program, planned.words, {
    cwd: join(folders.work, 'source'),
    input: JSON.stringify({
      hook,
      arguments: { config_settings: configSettings(system, recipe, planned.folders), ...of(planned.folders) },
      backend: system.backend,
      backendPath: system.backendPath,
      result: join(planned.folders.work, 'result.json'),
    }),
    env: withSettings(
      { ...rustup(), ...buildEnvironment(planned.folders, process.env.PATH ?? '') },
      recipe.environment,
    ),
    extendEnv: false,
    reject: false,
    all: true,
    maxBuffer: 50_000_000,
  });
  const answer: unknown = failed ? undefined : JSON.parse(await readFile(result, 'utf8'));
  return { failed, answer, output: all };
}

/** meson-python gives its build folder a random name, and generated files contain that name. */
function configSettings(
  { backend }: BuildSystem,
  { configSettings: given }: PreparedBuild['recipe'],
  { work }: BuildFolders,
): Record<string, string | string[]> {
  return backend === 'mesonpy' && !('builddir' in given) ? { 'build-dir': join(work, 'meson'), ...given } : given;
}

/** The installation prefix of a virtualenv's Python (PEP 405). */
async function pythonPrefix(environment: string): Promise<string> {
  const text = await readFile(join(environment, 'pyvenv.cfg'), 'utf8');
  return dirname(/^home *= *(.+)$/m.exec(text)?.[1]?.trim() ?? '/usr/bin');
}

/** rustup looks for toolchains in the user's home folder, which the build does not see. */
function rustup(): Record<string, string> {
  const folder = process.env.RUSTUP_HOME ?? join(homedir(), '.rustup');
  return existsSync(folder) ? { RUSTUP_HOME: folder } : {};
}

/** Folders of the home that hold compilers: those of rustup, and those on PATH. */
function toolFolders(): string[] {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith(`${homedir()}/`));
  return [...Object.values(rustup()), ...path].filter((folder) => existsSync(folder));
}

/** Appends the settings' flags to the flags that make a build reproducible; other settings replace the variable of the same name. */
export function withSettings(fixed: Record<string, string>, settings: Record<string, string>): Record<string, string> {
  const merged = Object.entries(settings).map(([name, value]) => [
    name,
    name.endsWith('FLAGS') && fixed[name] !== undefined ? `${fixed[name]} ${value}` : value,
  ]);
  return { ...fixed, ...(Object.fromEntries(merged) as Record<string, string>) };
}

let sandboxed: Promise<boolean> | undefined;

/** Whether bubblewrap is installed and may create namespaces: some containers forbid it. */
export function canSandbox(): Promise<boolean> {
  sandboxed ??= (async () => {
    const { execa } = await import('execa');
    const mounts = ['--ro-bind', '/', '/', '--proc', '/proc', '--tmpfs', '/tmp'];
    const { failed } = await execa('bwrap', [...ISOLATION, ...mounts, 'true'], { reject: false });
    return !failed;
  })();
  return sandboxed;
}
