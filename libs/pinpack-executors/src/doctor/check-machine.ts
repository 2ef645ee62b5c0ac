// Checks the machine: Node, Nx, system packages, Pythons, uv, the sandbox, the clock's own plausibility and the disk.
import { access, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '@pinpack/common/coded-error';
import { readFileSync } from 'node:fs';
import { findOnPath, runProgram } from '@pinpack/common/program';
import { formatBytes } from '@pinpack/common/progress';
import { cacheFolder, checkSystem, findSandbox, Uv } from '@pinpack/python-dist';
import { findPython } from '@pinpack/rpm-packaging';
import type { Finding } from './diagnosis.js';
import { readSystemTable, type Purpose, type SystemNeed } from './system-table.js';
import type { WorkspaceNeeds } from './workspace-needs.js';

/** The versions that package.json of the plugin asks for. */
interface Manifest {
  version: string;
  engines: { node: string };
  peerDependencies: Record<string, string>;
}

export async function checkMachine(root: string, needs: WorkspaceNeeds): Promise<Finding[]> {
  const findings = await Promise.all([
    checkNode(),
    checkNx(root),
    checkUv(root),
    ...needs.pythons.map(checkPython),
    checkSandbox(needs),
    ...readSystemTable()
      .filter(({ purpose }) => purpose !== 'test')
      .map((row) => checkNeed(row, needs)),
    ...needs.system.map(checkPinSystem),
    checkDisk('disk of the workspace', root),
    checkDisk('disk of the cache', cacheFolder(process.env)),
  ]);
  return findings;
}

function readManifest(file: string | URL): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

const ownManifest = (): Manifest => readManifest(new URL('../../package.json', import.meta.url));

function checkNode(): Promise<Finding> {
  const { node } = ownManifest().engines;
  const { node: found } = process.versions;
  // Node 20.19 and 22.12 are the first that load this plugin.
  const isSupported = process.features.require_module;
  const text = `Node ${found}${isSupported ? '' : `: expected ${node}`}`;
  return Promise.resolve({ id: 'node', status: isSupported ? 'ok' : 'fail', text });
}

function checkNx(root: string): Promise<Finding> {
  const { nx: range = '' } = ownManifest().peerDependencies;
  const [least = 0, below = 0] = [...range.matchAll(/\d+/g)].map(([text]) => Number(text));
  try {
    const { version } = readManifest(join(root, 'node_modules/nx/package.json'));
    const major = Number(version.split('.')[0]);
    const isSupported = major >= least && major < below;
    const text = `Nx ${version}${isSupported ? '' : `: expected ${range}`}`;
    return Promise.resolve({ id: 'nx', status: isSupported ? 'ok' : 'fail', text });
  } catch {
    return Promise.resolve({ id: 'nx', status: 'fail', text: 'Nx is not installed in the workspace: npm install nx' });
  }
}

async function checkUv(root: string): Promise<Finding> {
  try {
    const uv = await Uv.find(root);
    const { stdout } = await uv.run(['--version']);
    return { id: 'uv', status: 'ok', text: stdout.trim() };
  } catch (error) {
    return { id: 'uv', status: 'fail', text: `uv, which lock and builds from source need: ${firstLine(error)}` };
  }
}

async function checkPython({ minor, label, isNeeded }: WorkspaceNeeds['pythons'][number]): Promise<Finding> {
  const id = `python-${minor}`;
  const [users, name] = [`of ${label}`, `python${minor}`];
  try {
    return { id, status: 'ok', text: `Python ${minor} ${users}: ${await findPython(minor)}` };
  } catch {
    const why = isNeeded ? 'builds from source and bytecode need it' : 'only binary wheels are locked, which need none';
    const dotless = minor.replace('.', '');
    const packages = { debian: name, fedora: name, rhel: name, suse: `python${dotless}` };
    return {
      id,
      status: isNeeded ? 'fail' : 'warn',
      text: `Python ${minor} ${users} is not on PATH: ${why}`,
      packages,
    };
  }
}

async function checkSandbox({ sources, isSandboxOff }: WorkspaceNeeds): Promise<Finding> {
  if (isSandboxOff) return { id: 'sandbox', status: 'warn', text: 'the sandbox of builds from source is turned off' };
  try {
    const { user } = await findSandbox();
    const how = user === undefined ? 'in a user namespace' : 'as an unprivileged user';
    return { id: 'sandbox', status: 'ok', text: `sandbox of builds from source: bwrap, ${how}` };
  } catch (error) {
    const status = sources.length > 0 ? 'fail' : 'warn';
    return {
      id: 'sandbox',
      status,
      text: `no sandbox for builds from source${neededBy(sources)}: ${firstLine(error)}`,
    };
  }
}

const USERS: Readonly<Record<Exclude<Purpose, 'test'>, string>> = {
  build: 'builds from source',
  host: 'smoke tests',
  repo: 'repo',
  delta: 'deltas',
  sign: 'signatures',
};

async function checkNeed({ need, purpose, packages }: SystemNeed, needs: WorkspaceNeeds): Promise<Finding> {
  const id = `system-${need}`;
  const users = purpose === 'test' ? 'tests' : `${USERS[purpose]}${purpose === 'build' ? neededBy(needs.sources) : ''}`;
  if (await isThere(need)) return { id, status: 'ok', text: `${need} (${users})` };
  const isNeeded = needs.purposes.has(purpose);
  return { id, status: isNeeded ? 'fail' : 'warn', text: `${need} is not installed: ${users} need it`, packages };
}

async function isThere(need: string): Promise<boolean> {
  if (need.startsWith('/'))
    return access(need).then(
      () => true,
      () => false,
    );
  if (need.startsWith('python:')) return succeeds('python3', ['-c', `import ${need.slice('python:'.length)}`]);
  if (need === 'python-headers')
    return succeeds('python3', ['-c', 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")']);
  return (await findOnPath(need, process.env.PATH ?? '')) !== undefined;
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return !(await runProgram(program, args)).failed;
}

/** "system" in reqset.json. */
async function checkPinSystem({ pin, needs }: WorkspaceNeeds['system'][number]): Promise<Finding> {
  const id = `build-${pin.name}`;
  try {
    await checkSystem(pin, needs, { environment: {} });
    return { id, status: 'ok', text: `${needs.join(', ')} (build of ${pin.name} ${pin.version})` };
  } catch (error) {
    return { id, status: 'fail', text: error instanceof Error ? error.message : String(error) };
  }
}

const LITTLE = 5e9;
const TOO_LITTLE = 5e8;

async function checkDisk(title: string, folder: string): Promise<Finding> {
  const id = title.replaceAll(' ', '-');
  for (const place of [folder, homedir(), '/']) {
    try {
      const { bavail, bsize } = await statfs(place);
      const free = bavail * bsize;
      const status = free < TOO_LITTLE ? 'fail' : free < LITTLE ? 'warn' : 'ok';
      return { id, status, text: `${title}: ${formatBytes(free)} free at ${place}` };
    } catch {
      // The folder may not exist yet.
    }
  }
  return { id, status: 'warn', text: `${title}: unknown` };
}

function neededBy(sources: readonly string[]): string {
  return sources.length === 0 ? '' : ` of ${sources.join(', ')}`;
}

export function firstLine(error: unknown): string {
  if (error instanceof CodedError) return error.message;
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
