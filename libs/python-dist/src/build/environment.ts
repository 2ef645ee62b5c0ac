// Build environments: virtualenvs with exactly the locked build requirements. Builds with the same requirements share one; it is never changed.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distError } from '../dist-error.js';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { exists } from '../files/optional-file.js';
import type { BuildRequirement } from '../lock/lock.js';
import { verifyWheel } from '../wheel/verify-wheel.js';
import type { Uv } from '../uv/uv.js';
import type { BuildRoot } from './build-root.js';
import type { Interpreter } from './interpreter.js';
import { makeUnpackedEnvironment } from './unpacked-environment.js';

/** The Python that builds, and the root that it is in; without one it is of this machine. */
export interface Builder {
  interpreter: Interpreter;
  root?: BuildRoot | undefined;
}

/** Writes a build requirement's verified wheel to the path. */
export type ProvideWheel = (requirement: BuildRequirement, path: string) => Promise<void>;

const UNUSED_DAYS = 30;
const MS_PER_DAY = 86_400_000;

export class BuildEnvironments {
  private readonly made = new Map<string, Promise<string>>();

  /** @param folder - contains the environments, one for each set of build requirements */
  constructor(
    private readonly uv: Uv,
    private readonly folder: string,
  ) {}

  /** The environment's folder. @throws DistError `DIST_SOURCE_ENVIRONMENT_FAILED`, and the errors of `provide` */
  get(builder: Builder, requirements: BuildRequirement[], provide: ProvideWheel): Promise<string> {
    const key = environmentKey(builder, requirements);
    const known = this.made.get(key) ?? this.findOrMake(key, builder, requirements, provide);
    this.made.set(key, known);
    return known;
  }

  private async findOrMake(
    key: string,
    builder: Builder,
    requirements: BuildRequirement[],
    provide: ProvideWheel,
  ): Promise<string> {
    const environment = join(this.folder, key);
    if (!(await exists(join(environment, 'pyvenv.cfg')))) {
      await mkdir(this.folder, { recursive: true });
      await this.removeUnused();
      await this.make(environment, builder, requirements, provide);
    }
    await utimes(environment, new Date(), new Date());
    return environment;
  }

  private async make(
    environment: string,
    builder: Builder,
    requirements: BuildRequirement[],
    provide: ProvideWheel,
  ): Promise<void> {
    const folder = await mkdtemp(`${environment}-`);
    try {
      const links = join(folder, 'links');
      await mkdir(links);
      const wheels = await Promise.all(
        requirements.map(async (needed) => {
          const path = join(links, needed.wheel.name);
          await provide(needed, path);
          // uv would unpack an entry that holds more than it declares.
          await verifyWheel(path);
          return path;
        }),
      );
      const made = join(folder, 'environment');
      if (isForeign(builder)) await makeUnpackedEnvironment(made, builder.interpreter, wheels);
      else await this.install(folder, made, builder.interpreter, requirements);
      // Builds that root starts run as another user.
      await makeReadable(made);
      await rename(made, environment).catch(async (error: unknown) => {
        // Another run was faster; its environment is the same.
        if (!(await exists(join(environment, 'pyvenv.cfg')))) throw error;
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @param folder - contains the wheels in `links`. @param made - the environment */
  private async install(
    folder: string,
    made: string,
    { path: python }: Interpreter,
    requirements: BuildRequirement[],
  ): Promise<void> {
    const list = join(folder, 'requirements.txt');
    await writeFile(
      list,
      requirements.map(({ name, version, wheel }) => `${name}==${version} --hash=sha256:${wheel.sha256}\n`).join(''),
    );
    // Relocatable: it is renamed when it is complete, and the build sees it at another path.
    await this.run(['venv', '--relocatable', '--no-project', '--no-config', '--quiet', '--python', python, made]);
    const install = ['pip', 'install', '--python', join(made, 'bin/python'), '--no-config', '--quiet'];
    const offline = ['--no-index', '--find-links', join(folder, 'links'), '--no-deps', '--require-hashes'];
    if (requirements.length > 0) await this.run([...install, ...offline, '--requirement', list]);
    await this.compile(python, made);
  }

  /** Without site processing, which runs code of `.pth` files outside of the sandbox; uv's own compilation does not prevent that. */
  private async compile(python: string, environment: string): Promise<void> {
    const { execa } = await import('execa');
    const words = ['-I', '-S', '-m', 'compileall', '-q', '-j', '0', join(environment, 'lib')];
    // Files with syntax errors, as in test data, are not compiled.
    await execa(python, words, { reject: false, stdio: 'ignore' });
  }

  private async run(words: string[]): Promise<void> {
    const { failed, stderr } = await this.uv.run(words);
    if (!failed) return;
    throw distError('build environment', 'DIST_SOURCE_ENVIRONMENT_FAILED', [
      `uv could not create it: uv ${words.join(' ')}`,
      ...stderr.trimEnd().split('\n').slice(-5),
    ]);
  }

  /** Removes environments that no build has used for a month. */
  private async removeUnused(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      // Another run may remove it first.
      const found = await stat(path).catch(undefinedIfAbsent);
      if (found !== undefined && Date.now() - found.mtimeMs > UNUSED_DAYS * MS_PER_DAY)
        await rm(path, { recursive: true, force: true });
    }
  }
}

/** Whether its Python is in a root, or is Python 2, for which uv makes no environments. */
function isForeign({ interpreter, root }: Builder): boolean {
  return root !== undefined || interpreter.version.startsWith('2.');
}

/** Digest of the Python and of the requirements' wheels. */
export function environmentKey(
  { interpreter: { path, version }, root }: Builder,
  requirements: readonly BuildRequirement[],
): string {
  const digests = requirements.map(({ name, wheel }) => `${name} ${wheel.sha256}`).sort();
  return createHash('sha256')
    .update(
      JSON.stringify([
        path,
        version,
        digests,
        ...(root === undefined ? [] : [root.digest]),
        ...(root?.python === undefined ? [] : [root.python]),
      ]),
    )
    .digest('hex')
    .slice(0, 32);
}

async function makeReadable(folder: string): Promise<void> {
  const { execa } = await import('execa');
  await execa('chmod', ['-R', 'a+rX', '--', folder]);
}
