/** The shards of a generated pipeline, as clones with HOMEs of their own, share their builds through one S3 server: each is made once, and all have the same bytes. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '@pinpack/common/program';
import { describeWithS3, startS3, type S3Server } from '@pinpack/testing';
import { parse } from 'yaml';
import { sha256File } from './rpm-query.js';
import { WORKSPACE } from './workspace.js';

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache'));
const REQSET = 'sources';

interface Workflow {
  jobs: Record<string, { steps: { name?: string; run?: string }[] }>;
}

/** Four clones build from source. What they share is a store, of which remote-cache.e2e.ts tests the same by day. */
describe.skipIf(process.env.PINPACK_NIGHTLY !== '1')('PINPACK_NIGHTLY=1: a minute', () => {
  describeWithS3('the pipeline of pinpack:ci', describePipeline);
});

function describePipeline(): void {
  let folder: string;
  let s3: S3Server;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-ci-'));
    s3 = await startS3();
  });
  afterAll(async () => {
    await s3.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function bash(cwd: string, script: string, environment: Record<string, string> = {}): Promise<string> {
    const env = {
      ...s3.environment('writer'),
      ...{ CI: 'true', NX_DAEMON: 'false', NODE_ENV: '', VITEST: '', PINPACK_STORE_MODE: '' },
      ...{ UV_CACHE_DIR: join(CACHE, 'uv'), XDG_CACHE_HOME: `${cwd}.cache`, ...environment },
    };
    const result = await runProgram('bash', ['-euo', 'pipefail', '-c', script], { cwd, env });
    expect(result.exitCode, result.all).toBe(0);
    return result.stdout;
  }

  /** A repository with one reqset, and the pipeline in it. */
  async function makeOrigin(): Promise<string> {
    const origin = join(folder, 'origin');
    await bash(folder, `git clone --quiet '${WORKSPACE}' origin && cd origin && rm -rf apps libs tools docs`);
    for (const name of await readdir(join(origin, 'reqsets'))) {
      if (name !== REQSET) await rm(join(origin, 'reqsets', name), { recursive: true });
    }
    const manifest = JSON.parse(await readFile(join(origin, 'package.json'), 'utf8')) as object;
    await writeFile(join(origin, 'package.json'), JSON.stringify({ ...manifest, workspaces: [] }));
    await link(origin);
    const options = `--provider github --store '${s3.url('store')}' --repository team/repository`;
    await bash(origin, `npx nx g pinpack:ci ${options}`, { HOME: join(folder, 'home') });
    const commit = 'git -c user.name=test -c user.email=test@test.invalid commit --quiet --message pipeline';
    await bash(origin, `git add --all . ':!node_modules' ':!.venv' && ${commit}`);
    return origin;
  }

  async function link(clone: string): Promise<void> {
    for (const name of ['node_modules', '.venv']) await symlink(join(WORKSPACE, name), join(clone, name));
  }

  async function makeClone(
    origin: string,
    name: string,
  ): Promise<{ clone: string; environment: Record<string, string> }> {
    const clone = join(folder, name);
    await bash(folder, `git clone --quiet origin ${name}`);
    await link(clone);
    await mkdir(join(folder, `${name}.home`));
    const files = { GITHUB_OUTPUT: `${clone}.output`, GITHUB_STEP_SUMMARY: `${clone}.md` };
    expect(origin).toBe(join(folder, 'origin'));
    return { clone, environment: { HOME: join(folder, `${name}.home`), GITHUB_EVENT_NAME: 'push', ...files } };
  }

  it('builds each wheel and each RPM on one machine, and the same as the others', async () => {
    const origin = await makeOrigin();
    const { jobs } = parse(await readFile(join(origin, '.github/workflows/pinpack.yml'), 'utf8')) as Workflow;
    const step = (job: string, name: string): string => jobs[job]?.steps.find((one) => one.name === name)?.run ?? '';
    const planner = await makeClone(origin, 'plan');
    await bash(planner.clone, step('plan', 'Plan'), planner.environment);
    const output = await readFile(`${planner.clone}.output`, 'utf8');
    const shards = JSON.parse(output.replace('shards=', '')) as number[];
    expect(shards.length).toBeGreaterThan(1);

    const plan = await readFile(join(planner.clone, 'pinpack-plan.json'));
    const clones = await Promise.all(
      shards.map(async (shard) => {
        const { clone, environment } = await makeClone(origin, `shard${shard}`);
        await writeFile(join(clone, 'pinpack-plan.json'), plan);
        await bash(clone, step('rpm', 'Build'), { ...environment, SHARD: String(shard) });
        return clone;
      }),
    );

    const logs = await Promise.all(clones.map((clone) => readdir(join(clone, 'dist/logs', REQSET)).catch(() => [])));
    expect(logs.flat().sort()).toEqual([...new Set(logs.flat())].sort());
    expect(logs.flat().length).toBeGreaterThanOrEqual(6);
    const tables = await Promise.all(clones.map((clone) => readFile(`${clone}.md`, 'utf8')));
    const made = tables.flatMap((table) => [...table.matchAll(/^\| (\S+) \| built \|/gm)].map(([, task]) => task));
    expect(made.length).toBeGreaterThan(10);
    expect([...made].sort()).toEqual([...new Set(made)].sort());

    const digests = new Map<string, Set<string>>();
    for (const clone of clones) {
      const rpms = join(clone, 'dist/rpms', REQSET);
      for (const name of await readdir(rpms).catch(() => [])) {
        digests.set(name, new Set([...(digests.get(name) ?? []), await sha256File(join(rpms, name))]));
      }
    }
    expect([...digests].filter(([, found]) => found.size > 1)).toEqual([]);
    const pins = await readdir(join(origin, 'reqsets', REQSET, 'pins'));
    expect(digests.size).toBe(pins.length);

    // Another machine gets all of it from the store, and the store knows what that saved.
    const { clone, environment } = await makeClone(origin, 'next');
    await bash(clone, `npx nx run ${REQSET}:rpm`, environment);
    const page = await readFile(`${clone}.md`, 'utf8');
    expect(page).not.toContain('| built |');
    expect(page).toMatch(/saved about .* of work/);
    const statistics = await bash(
      clone,
      `npx pinpack-store stat --weeks 1 --store '${s3.url('store')}' --json`,
      environment,
    );
    const { weeks } = JSON.parse(statistics) as { weeks: { runs: number; savedMs: number }[] };
    expect(weeks[0]?.runs).toBeGreaterThan(shards.length);
    expect(weeks[0]?.savedMs).toBeGreaterThan(0);
  });
}
