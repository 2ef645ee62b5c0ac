// The generated files are also valid by actionlint, check-jsonschema (GitLab, Renovate, Compose), cfn-lint and kubernetes-validate, which are not installed here.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNxJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { parseServerConfig } from '@pinpack/build-store/server';
import { needProgram, temporaryFolder } from '@pinpack/testing';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import ci from './generator.js';
import { parseRemote, planCi, type Access, type CiOptions } from './plan-ci.js';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const STORES: Record<Access, string> = {
  aws: 's3://pinpack-store?region=eu-central-1',
  s3: 's3://pinpack-store?endpoint=https%3A%2F%2Fminio.example.com%3A9000&pathStyle=true',
  server: 'https://store.example.com',
};
const COMBINATIONS = (['github', 'gitlab'] as const).flatMap((provider) =>
  (Object.keys(STORES) as Access[]).map((access) => ({ provider, access })),
);

interface Step {
  name?: string;
  uses?: string;
  run?: string;
}

function generate(options: CiOptions): Tree {
  const tree = createTreeWithEmptyWorkspace();
  ci(tree, { repository: 'team/repository', ...options });
  return tree;
}

function textOf(tree: Tree, path: string): string {
  const text = tree.read(path, 'utf-8');
  if (text === null) throw new Error(`${path} is not generated`);
  return text;
}

describe.each(COMBINATIONS)('pinpack:ci of $provider, store $access', ({ provider, access }) => {
  const tree = generate({ provider, store: STORES[access] });
  const paths = tree.listChanges().map(({ path }) => path);
  const pipeline = provider === 'github' ? '.github/workflows/pinpack.yml' : '.gitlab/pinpack.yml';

  test('every YAML and JSON file can be parsed, and nothing of a template is left', () => {
    for (const path of paths) {
      const text = textOf(tree, path);
      expect(text, path).not.toMatch(/<%|%>|undefined|\[object/);
      if (/\.ya?ml$/.test(path))
        expect(parseAllDocuments(text, { strict: false, logLevel: 'error' }).flatMap(({ errors }) => errors)).toEqual(
          [],
        );
      if (path.endsWith('.json')) JSON.parse(text);
    }
    expect(paths).toContain(pipeline);
  });

  test('every action is pinned by its commit', () => {
    const uses = paths.flatMap((path) =>
      [...textOf(tree, path).matchAll(/^\s*(?:- )?uses: (?!\.\/)(.*)$/gm)].map(([, action]) => action),
    );
    expect(uses.length > 0).toBe(provider === 'github');
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('shellcheck accepts every script and step', async (context) => {
    await needProgram(context, 'shellcheck');
    const folder = temporaryFolder();
    const scripts = [
      ...paths.filter((path) => path.endsWith('.sh')).map((path) => textOf(tree, path)),
      ...stepsOf(tree, paths).map((run) => `#!/bin/bash\n${run}`),
    ];
    expect(scripts.length).toBeGreaterThan(5);
    const files = scripts.map((script, index) => {
      const file = join(folder, `${index}.sh`);
      writeFileSync(file, script);
      return file;
    });
    const { stdout, status } = spawnSync('shellcheck', ['--severity=info', '--exclude=SC2016', ...files], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  test('the pipeline plans, runs each shard, and publishes from the main branch only', () => {
    const text = textOf(tree, pipeline);
    expect(text).toContain('npx pinpack-ci plan --shards 4 -- affected');
    expect(text).toContain('npx pinpack-ci run --shard');
    expect(text).toMatch(/targets=publish/);
    expect(paths).toContain('ci/setup.sh');
    expect(tree.listChanges().find(({ path }) => path === 'ci/setup.sh')?.options?.mode).toBe('755');
    expect(readNxJson(tree)?.plugins).toContainEqual({ plugin: 'pinpack', options: { store: STORES[access] } });
  });
});

/** The shell scripts in the steps of workflows, actions and jobs. */
function stepsOf(tree: Tree, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!/^\.git(?:hub|lab)\/.*\.yml$/.test(path)) return [];
    const file = parse(textOf(tree, path), { logLevel: 'error' }) as {
      jobs?: Record<string, { steps: Step[] }>;
      runs?: { steps: Step[] };
    } & Record<string, unknown>;
    const steps = [...Object.values(file.jobs ?? {}).flatMap((job) => job.steps), ...(file.runs?.steps ?? [])];
    const jobs = Object.values(file) as { script?: string[]; before_script?: string[] }[];
    const scripts = jobs.flatMap((job) => [...(job.before_script ?? []), ...(job.script ?? [])]);
    return [...steps.flatMap(({ run }) => run ?? []), ...scripts.map(String)];
  });
}

describe('the infrastructure', () => {
  test.each(['github', 'gitlab'] as const)(
    'the server of %s accepts its configuration, on a host and in containers',
    (provider) => {
      const tree = generate({ provider, store: STORES.server });
      const compose = parse(textOf(tree, 'ci/store/compose.yaml')) as {
        configs: { 'pinpack-store': { content: string } };
      };
      const [map] = parseAllDocuments(textOf(tree, 'ci/store/kubernetes.yaml'));
      const { data } = (map as { toJS: () => unknown }).toJS() as { data: Record<string, string> };
      const texts = [
        textOf(tree, 'ci/store/pinpack-store.json'),
        compose.configs['pinpack-store'].content,
        data['pinpack-store.json'] ?? '',
      ];
      const listens = texts.map((text) => parseServerConfig(text, 'pinpack-store.json').listen.host);
      expect(listens).toEqual(['127.0.0.1', '0.0.0.0', '0.0.0.0']);
    },
  );

  test('the unit is the one of deploy/', () => {
    const tree = generate({ provider: 'github', store: STORES.server });
    expect(textOf(tree, 'ci/store/pinpack-store.service')).toBe(
      readFileSync(join(ROOT, 'deploy/pinpack-store.service'), 'utf8'),
    );
  });

  test('names the bucket, the prefix and the identities that the options say', () => {
    const store = 's3://team-store/some/prefix?region=eu-west-1';
    const github = textOf(generate({ provider: 'github', store, branch: 'trunk' }), 'ci/store/aws.yaml');
    expect(github).toContain("'repo:${Repository}:ref:refs/heads/${Branch}'");
    expect(github).toContain('BucketName: team-store');
    expect(github).toContain("'${Bucket.Arn}/some/prefix/v1/branch/*'");
    expect(github).toMatch(/Default: trunk/);
    const gitlab = textOf(
      generate({ provider: 'gitlab', store, issuer: 'https://gitlab.example.com' }),
      'ci/store/aws.yaml',
    );
    expect(gitlab).toContain("gitlab.example.com:sub: !Sub 'project_path:${Repository}:ref_type:branch:ref:${Branch}'");
  });
});

describe('the documentation', () => {
  const files = COMBINATIONS.flatMap(({ provider, access }) => {
    const tree = generate({ provider, store: STORES[access] });
    return tree.listChanges().map(({ path }) => ({ path, text: textOf(tree, path) }));
  });

  test.each(['docs/ci.md', 'docs/store-s3.md'])('the snippets of %s are generated', (page) => {
    const blocks = [
      ...readFileSync(join(ROOT, page), 'utf8').matchAll(/<!-- generated: (\S+) -->\n\n```\w+\n(.*?)```/gs),
    ];
    expect(blocks.length).toBeGreaterThan(2);
    for (const [, path, snippet = ''] of blocks) {
      const found = files.filter((file) => file.path === path);
      const lines = (text: string): string =>
        text
          .split('\n')
          .map((line) => line.trim())
          .join('\n')
          .trim();
      const isJson = snippet.startsWith('{');
      const matches = found.some(({ text }) =>
        isJson ? sameJson(text, snippet) : lines(text).includes(lines(snippet)),
      );
      expect(matches, `${page} shows other lines of ${path ?? ''} than are generated:\n${snippet}`).toBe(true);
    }
  });
});

function sameJson(one: string, other: string): boolean {
  return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
}

describe('the options', () => {
  const plan = (options: Partial<CiOptions>, defaults = {}) =>
    planCi({ provider: 'github', ...options }, { version: '1', ...defaults });

  test('default to the workspace', () => {
    const found = plan({}, { store: STORES.aws, branch: 'trunk', remote: 'git@git.example.com:team/repository.git' });
    expect(found).toMatchObject({
      repository: 'team/repository',
      branch: 'trunk',
      access: 'aws',
      bucket: 'pinpack-store',
      shards: 4,
    });
    expect(
      planCi({ provider: 'gitlab' }, { version: '1', store: STORES.s3, remote: 'https://git.example.com/a/b/c' }),
    ).toMatchObject({
      ...{ repository: 'a/b/c', branch: 'main', access: 's3', issuer: 'https://git.example.com' },
    });
  });

  test.each([
    [{}, /--store is missing.*[\s\S]*--repository is ""/],
    [{ store: 'file:///srv/store', repository: 'a/b' }, /a folder is no store for several machines/],
    [{ store: 's3://bucket', repository: 'a/b' }, /expected \?region/],
    [{ store: STORES.aws, repository: "a/b'; rm" }, /--repository is/],
    [{ store: STORES.aws, repository: 'a/b', branch: 'a b' }, /--branch is/],
  ])('reports what is wrong with %j', (options, message) => {
    expect(() => plan(options)).toThrow(
      expect.objectContaining({ code: 'PINPACK_CI_INVALID', message: expect.stringMatching(message) as string }),
    );
  });

  test.each([
    ['git@github.com:team/repository.git', 'github.com', 'team/repository'],
    ['https://user@gitlab.example.com/group/sub/project.git', 'gitlab.example.com', 'group/sub/project'],
    ['ssh://git@gitlab.example.com:2222/group/project.git', 'gitlab.example.com', 'group/project'],
  ])('the remote %s', (url, host, repository) => {
    expect(parseRemote(url)).toEqual({ host, repository });
  });

  test('reads the remote from the configuration of git', () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write(
      '.git/config',
      '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:our/repo.git\n\tfetch = x\n',
    );
    ci(tree, { provider: 'github', store: STORES.aws });
    expect(textOf(tree, 'ci/store/aws.yaml')).toContain('our/repo');
  });

  test('keeps what others may have written, and changes nothing the second time', () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write('renovate.json', '{}');
    tree.write('.gitlab-ci.yml', 'own: {}\n');
    const options = { provider: 'gitlab', store: STORES.aws, repository: 'a/b' } as const;
    ci(tree, options);
    const first = tree.listChanges().map(({ path }) => [path, textOf(tree, path)]);
    ci(tree, options);
    expect(tree.listChanges().map(({ path }) => [path, textOf(tree, path)])).toEqual(first);
    expect([textOf(tree, 'renovate.json'), textOf(tree, '.gitlab-ci.yml')]).toEqual(['{}', 'own: {}\n']);
  });
});

/** Writes the files of a combination, to check them with other tools: PINPACK_CI_FILES=/tmp/files vitest … */
test.runIf(process.env.PINPACK_CI_FILES !== undefined)('writes all files', () => {
  for (const { provider, access } of COMBINATIONS) {
    const tree = generate({ provider, store: STORES[access] });
    for (const { path } of tree.listChanges()) {
      const file = join(process.env.PINPACK_CI_FILES ?? '', `${provider}-${access}`, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, textOf(tree, path));
    }
  }
});
