// Runs the smoke test in a container of podman or docker, for other distributions than this machine's: without network, with a read-only repository folder.
import { PinpackError } from '../pinpack-error.js';
import { findMissing, readProgram, runProgram, type ProgramResult, type Requirement } from '@pinpack/common/program';
import { formatRequirements } from '../install-root/requirements.js';
import { type RunOptions } from '../install-root/install-root.js';
import type { SmokeRoot } from './run-smoke.js';

/** The first installed one is used. Both accept the same arguments. */
const ENGINES: readonly Requirement[] = [
  { program: 'podman', debian: 'podman', fedora: 'podman' },
  { program: 'docker', debian: 'docker.io', fedora: 'moby-engine' },
];

const CREATEREPO: Requirement = { program: 'createrepo_c', debian: 'createrepo-c', fedora: 'createrepo_c' };

const DNF_SETTINGS = ['--disablerepo=*', '--setopt=install_weak_deps=0', '--nogpgcheck'];

// The same result as InstallRoot.files: everything but folders, and empty folders with a trailing slash.
const LIST_FILES = `
import os, sys
def walk(path):
    if os.path.islink(path) or not os.path.isdir(path):
        return [path] if os.path.lexists(path) else []
    names = sorted(os.listdir(path))
    return [found for name in names for found in walk(os.path.join(path, name))] if names else [path + "/"]
sys.stdout.write("".join(found + "\\n" for found in walk(sys.argv[1])))
`;

export interface Container {
  /** `podman` or `docker` */
  engine: string;
  image: string;
}

/** `podman` or `docker`. @throws PinpackError `PINPACK_INSTALL_UNUSABLE` with the missing programs */
export async function findEngine(path = process.env.PATH ?? ''): Promise<string> {
  const missing = await findMissing([...ENGINES, CREATEREPO], path);
  const engine = ENGINES.find((candidate) => !missing.includes(candidate));
  if (engine !== undefined && !missing.includes(CREATEREPO)) return engine.program;
  // One engine is sufficient. podman is suggested, because it needs no service.
  const wanted = missing.filter(({ program }) => program === 'podman' || program === CREATEREPO.program);
  throw new PinpackError(
    'PINPACK_INSTALL_UNUSABLE',
    'container',
    formatRequirements(engine === undefined ? wanted : [CREATEREPO], []),
  );
}

/** Pure. The arguments that start an idle container. */
export function planContainer(image: string, repository: string): string[] {
  return [
    ...['run', '--detach', '--rm', '--network', 'none', '--user', '0:0'],
    // Otherwise SELinux denies access to the repository, or its files would be relabelled.
    ...['--security-opt', 'label=disable', '--volume', `${repository}:${repository}:ro`],
    ...['--entrypoint', '/bin/sleep', image, 'infinity'],
  ];
}

/** Pure. The arguments that run a command in the container. */
export function planExec(container: string, argv: readonly string[], { env = {} }: RunOptions = {}): string[] {
  const all = { LC_ALL: 'C.UTF-8', ...env };
  return ['exec', ...Object.entries(all).flatMap(([name, value]) => ['--env', `${name}=${value}`]), container, ...argv];
}

/** Starts a container, passes it to `use`, and always removes it. */
export async function withContainer(
  { engine, image }: Container,
  repository: string,
  use: (root: SmokeRoot) => Promise<void>,
): Promise<void> {
  const container = (await readProgram(engine, planContainer(image, repository))).trim();
  try {
    await use(new ContainerRoot(engine, container));
  } finally {
    await runProgram(engine, ['rm', '--force', container]);
  }
}

class ContainerRoot implements SmokeRoot {
  constructor(
    private readonly engine: string,
    private readonly container: string,
  ) {}

  dnf(repository: string, args: readonly string[]): Promise<ProgramResult> {
    return this.run(['dnf', '-y', ...DNF_SETTINGS, `--repofrompath=under-test,${repository}`, ...args]);
  }

  rpm(args: readonly string[]): Promise<ProgramResult> {
    return this.run(['rpm', ...args]);
  }

  run(argv: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    return runProgram(this.engine, planExec(this.container, argv, options));
  }

  async files(path: string): Promise<string[]> {
    const { stdout, failed, all } = await this.run(['/usr/bin/python3', '-I', '-c', LIST_FILES, path]);
    if (failed) throw new PinpackError('PINPACK_PROGRAM_FAILED', path, ['its files could not be listed', all]);
    return stdout.split('\n').filter((line) => line !== '');
  }
}
