import { describe, expect, test } from 'vitest';
import { SettingsReader } from './settings-reader.js';
import { parseImage } from './image-settings.js';

function parse(image: unknown): { image: ReturnType<typeof parseImage>; issues: string[] } {
  const reader = new SettingsReader({ image }, '[tool.pinpack]');
  return { image: parseImage(reader), issues: reader.issues };
}

describe('[tool.pinpack.image]', () => {
  test('needs a base, and has defaults', () => {
    expect(parse({ base: 'oci:images/base:3.11' })).toEqual({
      image: { base: 'oci:images/base:3.11', env: {}, ports: [], labels: {}, compression: 'gzip' },
      issues: [],
    });
    expect(parse(undefined)).toEqual({ image: undefined, issues: [] });
    expect(parse({}).issues).toEqual([expect.stringContaining('base is missing, expected an OCI image layout')]);
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
    expect(parse(all)).toEqual({ image: all, issues: [] });
  });

  test('tells every issue at once', () => {
    const { issues } = parse({
      base: 'docker://registry.example/x:1',
      from: 'x',
      entrypoint: [],
      user: 'a b',
      workdir: 'srv',
      env: { '1A': 'x' },
      ports: ['http', '70000'],
      compression: 'xz',
    });
    expect(issues.map((issue) => issue.replace('[tool.pinpack] image ', '').split(',')[0])).toEqual([
      'from is not a setting',
      'user is "a b"',
      'workdir is "srv"',
      'base is "docker://registry.example/x:1"',
      'entrypoint is []',
      'env: "1A" is not a variable\'s name',
      'ports: "http" is not a port such as "8000" or "53/udp"',
      'ports: "70000" is not a port such as "8000" or "53/udp"',
      'compression is "xz"',
    ]);
  });

  test('a base is no place for what a shell reads', () => {
    expect(parse({ base: 'oci:a;b' }).issues).toHaveLength(1);
    expect(parse({ base: 'oci:$(a)' }).issues).toHaveLength(1);
  });
});
