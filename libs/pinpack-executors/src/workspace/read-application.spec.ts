import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { writeText } from './workspace.fixture.js';
import { writeLock } from './write-lock.js';
import { temporaryFolder, thrown } from '@pinpack/testing';
import { applicationRequestDigest } from '@pinpack/rpm-packaging';
import { readApplication, readApplicationRequest } from './read-application.js';

const PROJECT = `
[project]
name = "my-demo"
version = "1.0"
description = "Sums things up"
license = "MIT"
urls = { home = "https://example.org/demo" }
[tool.pinpack]
reqsets = ["reqset3"]
`;
const PYPROJECT = 'apps/my_app/pyproject.toml';
const APPLICATION = { name: 'my_app', release: 2, library: 'my-demo' };

async function workspace(applications = [APPLICATION]): Promise<string> {
  const root = temporaryFolder();
  writeText(root, PYPROJECT, PROJECT);
  const { source } = sampleSourcePin();
  const library = samplePackage({ name: 'my-demo', version: '1.0', source, dependencies: ['numpy'] });
  const numpy = samplePackage({ name: 'numpy', version: '3' });
  await writeLock(root, 'reqset3', sampleLock([library, numpy], { applications }));
  return root;
}

function requestOf(root: string) {
  return readApplicationRequest(root, 'reqset3', 'my_app');
}

function task(root: string, digest: string) {
  return readApplication(root, { reqset: 'reqset3', app: 'my_app', digest });
}

describe('readApplicationRequest', () => {
  test('joins the lock, the settings and what the project says', async () => {
    const { application, settings, about } = requestOf(await workspace());
    expect(application).toMatchObject({ version: '1.0', release: 2 });
    expect(application.wheels.map(({ name }) => name)).toEqual(['my-demo', 'numpy']);
    expect(settings.fill).toBe('link');
    expect(about).toEqual({ summary: 'Sums things up', license: 'MIT', url: 'https://example.org/demo' });
  });

  test('refuses a lock that is older than the application', async () => {
    const root = await workspace([]);
    expect(thrown(() => requestOf(root))).toBe(
      `PINPACK_APPLICATION_UNKNOWN reqsets/reqset3/pylock.toml: does not contain the application my_app, because it is older than ${PYPROJECT}\n  Lock again: nx run reqset3:lock`,
    );
  });

  test('reports wrong settings', async () => {
    const root = await workspace();
    writeText(root, PYPROJECT, `${PROJECT}fill = "copy"\n`);
    expect(thrown(() => requestOf(root))).toMatch(/^PINPACK_APPLICATION_INVALID .*: \[tool\.pinpack\] fill is "copy"/);
  });
});

describe('readApplication', () => {
  test('gives what Nx hashed', async () => {
    const root = await workspace();
    expect(task(root, applicationRequestDigest(requestOf(root)))).toEqual(requestOf(root));
  });

  test('rejects an application that changed after Nx hashed it', async () => {
    const root = await workspace();
    const digest = applicationRequestDigest(requestOf(root));
    writeText(root, PYPROJECT, `${PROJECT}user = "demo"\n`);
    expect(thrown(() => task(root, digest))).toBe(
      `PINPACK_APPLICATION_DISAGREES reqset3-my_app: the digest of its lock and settings is ${applicationRequestDigest(requestOf(root))}, expected ${digest}: they changed after Nx read the project graph\n  Run the target again.`,
    );
  });

  test('rejects an application.json that differs from the lock', async () => {
    const root = await workspace();
    const file = 'reqsets/reqset3/apps/my_app/application.json';
    const text = readFileSync(join(root, file), 'utf8');
    writeText(root, file, text.replace('"release": 2', '"release": 1'));
    expect(thrown(() => task(root, applicationRequestDigest(requestOf(root))))).toBe(
      `PINPACK_APPLICATION_DISAGREES ${file}: release is 1, expected 2 as derived from reqsets/reqset3/pylock.toml\n  Write the file again from the lock: nx sync`,
    );
  });
});

describe('applicationRequestDigest', () => {
  test.each([
    ['a setting', `${PROJECT}user = "demo"\n`],
    ['the summary', PROJECT.replace('Sums things up', 'Sums')],
  ])('differs with %s', async (_, text) => {
    const root = await workspace();
    const before = applicationRequestDigest(requestOf(root));
    writeText(root, PYPROJECT, text);
    expect(applicationRequestDigest(requestOf(root))).not.toBe(before);
  });

  test.each([
    ['the smoke test', `${PROJECT}smoke = { imports = ["os"] }\n`],
    ['a comment', `# Sums.\n${PROJECT}`],
    ['a setting that is written out', `${PROJECT}fill = "link"\n`],
  ])('does not differ with %s, which is in no RPM', async (_, text) => {
    const root = await workspace();
    const before = applicationRequestDigest(requestOf(root));
    writeText(root, PYPROJECT, text);
    expect(applicationRequestDigest(requestOf(root))).toBe(before);
  });
});
