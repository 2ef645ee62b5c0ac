import { describe, expect, test } from 'vitest';
import { checkInput } from '@pinpack/common/format-issues';
import { IMAGE_SETTINGS } from './image-settings.js';

function parse(image: unknown) {
  return checkInput(IMAGE_SETTINGS, image);
}

function issues(image: unknown): string[] {
  return parse(image).issues ?? [];
}

describe('[tool.pinpack.image]', () => {
  test('needs a base, and has defaults', () => {
    expect(parse({ base: 'oci:images/base:3.11' })).toEqual({
      value: { base: 'oci:images/base:3.11', env: {}, ports: [], labels: {}, compression: 'gzip' },
    });
    expect(issues({})).toEqual([expect.stringContaining('base is missing, expected an OCI image layout')]);
  });

  test('reads every setting', () => {
    const all = {
      base: 'oci-archive:/srv/base.tar',
      entrypoint: ['my-app'],
      cmd: ['serve'],
      user: '1000:1000',
      workdir: '/srv',
      env: { A: '1' },
      ports: ['8000', '53/udp'],
      labels: { 'org.example.team': 'x' },
      compression: 'zstd',
    };
    expect(parse(all)).toEqual({ value: all });
  });

  test('reports every issue at once', () => {
    const found = issues({
      base: 'docker://registry.example/x:1',
      from: 'x',
      entrypoint: [],
      user: 'a b',
      workdir: 'srv',
      env: { '1A': 'x' },
      ports: ['http', '70000'],
      compression: 'xz',
    });
    expect(found).toEqual([
      'base is "docker://registry.example/x:1", expected an OCI image layout: oci:FOLDER[:REFERENCE] or oci-archive:FILE.tar[:REFERENCE]',
      'entrypoint is [], expected a command and its arguments',
      'user is "a b", expected an account such as web-service or 1000:1000',
      'workdir is "srv", expected an absolute path',
      'env has the key "1A", expected the name of a variable',
      'ports[0] is "http", expected a port such as "8000" or "53/udp"',
      'ports[1] is "70000", expected a port such as "8000" or "53/udp"',
      'compression is "xz", expected gzip or zstd',
      'from is not a setting, expected base, entrypoint, cmd, user, workdir, env, ports, labels, compression',
    ]);
  });

  test('rejects characters that a shell interprets in a base', () => {
    expect(issues({ base: 'oci:a;b' })).toHaveLength(1);
    expect(issues({ base: 'oci:$(a)' })).toHaveLength(1);
  });
});
