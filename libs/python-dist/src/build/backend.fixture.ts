/** Source trees with a build backend of their own, and the build environment that they share. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Uv } from '../uv/uv.js';
import type { PreparedBuild } from './backend.js';
import { planBuildPolicy, type BuildPolicy } from './build-policy.js';
import { BuildEnvironments } from './environment.js';
import { findInterpreter } from './interpreter.js';

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

export interface PreparedOptions {
  environment?: Record<string, string>;
  configSettings?: Record<string, string>;
  policy?: BuildPolicy;
}

export class BackendFixture {
  private constructor(
    readonly folder: string,
    readonly environment: string,
  ) {}

  static async make(): Promise<BackendFixture> {
    const folder = mkdtempSync(join(tmpdir(), 'pinpack-backend-'));
    const uv = await Uv.find(ROOT);
    const environments = new BuildEnvironments(uv, join(folder, 'environments'));
    const none = (): Promise<void> => Promise.reject(new Error('nothing is needed'));
    return new BackendFixture(
      folder,
      await environments.get({ interpreter: await findInterpreter(uv, '3.11.2') }, [], none),
    );
  }

  /** @param backend - Python source of the backend */
  prepare(name: string, backend: string, options: PreparedOptions = {}): PreparedBuild {
    const work = join(this.folder, name);
    mkdirSync(join(work, 'source/tools'), { recursive: true });
    writeFileSync(join(work, 'source/tools/own_backend.py'), backend);
    const { environment = {}, configSettings = {}, policy = planBuildPolicy() } = options;
    return {
      folders: { work, environment: this.environment },
      system: { requires: [], backend: 'own_backend', backendPath: ['tools'] },
      recipe: { environment, configSettings },
      policy,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
