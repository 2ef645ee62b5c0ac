import { pinDigest } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { sampleApplicationRequest, samplePin, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { applicationRequestDigest } from '@pinpack/rpm-packaging';
import { applicationConfiguration, pinProject, setProject, variantsProject } from './targets.js';

const CODES = {
  'source-build': 'a'.repeat(64),
  'wheel-rpm': 'b'.repeat(64),
  'application-rpm': 'c'.repeat(64),
  'python-rpm': 'python-code',
  'runtime-rpm': 'd'.repeat(64),
  image: 'e'.repeat(64),
  sbom: 'f'.repeat(64),
};
const CONTEXT = { codes: CODES };

describe('pinProject', () => {
  test('has the name of its RPM and the folder of its pin.json', () => {
    const project = pinProject('reqset3', samplePin(), { codes: CODES });
    expect({ ...project, targets: undefined }).toEqual({
      name: 'reqset3-wheel-numpy',
      root: 'reqsets/reqset3/pins/numpy',
      projectType: 'library',
      tags: ['pinpack:wheel', 'reqset:reqset3'],
      metadata: { description: 'numpy 2.4.6 of reqset3' },
    });
  });

  test('downloads a locked wheel, whose bytes depend on neither code nor packages', () => {
    const pin = samplePin();
    expect(pinProject('reqset3', pin, { codes: CODES }).targets?.wheel).toEqual({
      executor: 'pinpack:wheel',
      outputs: ['{workspaceRoot}/dist/wheels/reqset3/numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl'],
      options: { reqset: 'reqset3', pin: 'numpy', digest: pinDigest(pin) },
    });
  });

  test("packs it without a task before, with the code's digest among the options", () => {
    const pin = samplePin();
    const target = pinProject('reqset3', pin, { codes: CODES }).targets?.rpm;
    expect({ ...target, metadata: undefined }).toEqual({
      executor: 'pinpack:rpm',
      cache: true,
      inputs: ['{projectRoot}/pin.json', { externalDependencies: [] }],
      outputs: [
        '{workspaceRoot}/dist/rpms/reqset3/reqset3-wheel-numpy-2.4.6-1.x86_64.rpm',
        '{workspaceRoot}/dist/canonical/reqset3/numpy.json',
        '{workspaceRoot}/dist/digests/reqset3/reqset3-wheel-numpy.json',
      ],
      options: { reqset: 'reqset3', pin: 'numpy', digest: pinDigest(pin), code: CODES['wheel-rpm'] },
    });
  });

  test('builds a source tree: its files and the code are inputs, leftovers of builds are not', () => {
    const pin = sampleSourcePin();
    const target = pinProject('reqset3', pin, { codes: CODES }).targets?.wheel;
    expect({ ...target, metadata: undefined }).toEqual({
      executor: 'pinpack:wheel',
      cache: true,
      inputs: [
        '{projectRoot}/pin.json',
        '{workspaceRoot}/apps/demo/**/*',
        '!{workspaceRoot}/apps/demo/build/**/*',
        '!{workspaceRoot}/apps/demo/dist/**/*',
        '!{workspaceRoot}/apps/demo/**/__pycache__/**/*',
        '!{workspaceRoot}/apps/demo/**/*.egg-info/**/*',
        { runtime: expect.stringMatching(/^python3\.11 -VV \|\| true; ls /) as string },
        { runtime: 'cc --version || true' },
        { runtime: 'c++ --version || true' },
        { runtime: 'ld --version || true' },
        { runtime: 'gfortran --version || true' },
        { runtime: 'rustc --version || true' },
        { runtime: 'getconf GNU_LIBC_VERSION || true' },
        { env: 'PINPACK_SANDBOX' },
        { externalDependencies: [] },
      ],
      outputs: ['{workspaceRoot}/dist/wheels/reqset3/my_demo-1.0-*.whl'],
      options: { reqset: 'reqset3', pin: 'my-demo', digest: pinDigest(pin), code: CODES['source-build'] },
    });
  });

  test('packs a built wheel after the build, and a wheel of the workspace again if the file changes', () => {
    const { targets = {} } = pinProject('reqset3', sampleSourcePin(), { codes: CODES });
    expect(targets.rpm).toMatchObject({
      dependsOn: ['wheel'],
      inputs: ['{projectRoot}/pin.json', { dependentTasksOutputFiles: '**/*.whl' }, { externalDependencies: [] }],
    });
    const { source } = samplePin();
    const wheel = 'wheel' in source ? source.wheel : expect.fail('the sample has no wheel');
    const pin = samplePin({ source: { kind: 'prebuilt', path: 'vendor/numpy.whl', wheel } });
    const prebuilt = pinProject('reqset3', pin, { codes: CODES }).targets?.rpm;
    expect(prebuilt).not.toHaveProperty('dependsOn');
    expect(prebuilt?.inputs).toContain('{workspaceRoot}/vendor/numpy.whl');
  });

  test('no target depends on another project: Python allows cycles, tasks do not', () => {
    const pin = samplePin({ requires: ['scipy'], dependencies: ['scipy'] });
    const { targets = {} } = pinProject('reqset3', pin, { codes: CODES });
    expect(Object.values(targets).flatMap(({ dependsOn = [] }) => dependsOn)).toEqual(['rpm']);
  });

  test('makes its deltas on every run, because they depend on what is published', () => {
    const target = pinProject('reqset3', samplePin({ release: 2 }), { codes: CODES }).targets?.delta;
    expect({ ...target, metadata: undefined }).toEqual({
      executor: 'pinpack:delta',
      dependsOn: ['rpm'],
      inputs: [{ externalDependencies: [] }],
      options: { reqset: 'reqset3', name: 'reqset3-wheel-numpy', version: '2.4.6-2' },
    });
  });

  test('another pin has other options, so that an older cache cannot be taken', () => {
    const digestOf = (release: number): unknown =>
      (pinProject('reqset3', samplePin({ release }), { codes: CODES }).targets?.rpm?.options as { digest: string })
        .digest;
    expect(digestOf(1)).toBe(digestOf(1));
    expect(digestOf(1)).not.toBe(digestOf(2));
  });
});

describe('setProject', () => {
  test('builds the projects that it depends on, without their names: a workspace may have thousands of pins', () => {
    const { application } = sampleApplicationRequest({});
    const locked = { pins: [samplePin(), sampleSourcePin()], applications: [application] };
    const { targets = {}, ...project } = setProject('reqset3', locked, CONTEXT);
    expect(project).toMatchObject({ name: 'reqset3', root: 'reqsets/reqset3' });
    expect(targets.lock).toMatchObject({ executor: 'pinpack:lock', cache: false, options: { reqset: 'reqset3' } });
    expect(targets.wheel).toMatchObject({ executor: 'nx:noop', dependsOn: ['^wheel'] });
    expect(targets.rpm).toMatchObject({ executor: 'nx:noop', dependsOn: ['^rpm'] });
  });

  test('has a repository of all of its RPMs and their deltas', () => {
    const { application } = sampleApplicationRequest({});
    const { targets = {} } = setProject('reqset3', { pins: [samplePin()], applications: [application] }, CONTEXT);
    expect(targets.delta).toMatchObject({ cache: false, dependsOn: ['^delta'] });
    expect(targets.repo).toMatchObject({
      executor: 'pinpack:repo',
      cache: false,
      dependsOn: ['^rpm', '^delta'],
      options: { reqset: 'reqset3' },
    });
  });

  test('is published when its repository and its wheels are there; rolling back and looking need nothing', () => {
    const { targets = {} } = setProject('multi/py311', { pins: [samplePin()], applications: [] }, CONTEXT);
    const common = { cache: false, options: { reqset: 'multi/py311' } };
    expect(targets.publish).toMatchObject({ ...common, executor: 'pinpack:publish', dependsOn: ['repo', 'wheel'] });
    for (const name of ['rollback', 'releases', 'verify', 'provenance']) {
      expect(targets[name]).toMatchObject({ ...common, executor: `pinpack:${name}` });
      expect(targets[name]).not.toHaveProperty('dependsOn');
    }
    expect(variantsProject('multi').targets?.publish).toMatchObject({ dependsOn: ['^publish'] });
  });

  test('has SBOMs of all of its pins, which change with the lock, the wheels and the code', () => {
    const { application } = sampleApplicationRequest({});
    const { targets = {} } = setProject('reqset3', { pins: [samplePin()], applications: [application] }, CONTEXT);
    expect(targets.sbom).toMatchObject({
      executor: 'pinpack:sbom',
      cache: true,
      dependsOn: ['^wheel'],
      inputs: [
        '{workspaceRoot}/reqsets/reqset3/pylock.toml',
        { dependentTasksOutputFiles: '**/*.whl' },
        { externalDependencies: [] },
      ],
      outputs: ['cdx.json', 'spdx.json', 'NOTICE.txt'].map((end) => `{workspaceRoot}/dist/sbom/reqset3/reqset3.${end}`),
      options: { reqset: 'reqset3', code: CODES.sbom },
    });
  });

  test('can be locked if its lock is damaged; other targets report the damage', () => {
    const { targets = {} } = setProject('reqset3', { problem: 'the lock is damaged' }, CONTEXT);
    expect(targets.lock?.executor).toBe('pinpack:lock');
    for (const target of ['wheel', 'rpm', 'delta', 'repo']) {
      expect(targets[target]).toMatchObject({
        executor: 'pinpack:unlocked',
        cache: false,
        options: { problem: 'the lock is damaged' },
      });
    }
  });
});

describe('a variant', () => {
  test('has its label in the names of its projects, and both tags', () => {
    expect(pinProject('multi/py311', samplePin(), { codes: CODES })).toMatchObject({
      name: 'multi-py311-wheel-numpy',
      root: 'reqsets/multi/variants/py311/pins/numpy',
      tags: ['pinpack:wheel', 'reqset:multi', 'variant:py311'],
    });
  });

  test("has its own project, and the reqset's project runs the targets of all variants", () => {
    const locked = { pins: [samplePin()], applications: [] };
    expect(setProject('multi/py311', locked, CONTEXT)).toMatchObject({
      name: 'multi-py311',
      root: 'reqsets/multi/variants/py311',
      targets: {
        lock: { options: { reqset: 'multi/py311' } },
        rpm: { dependsOn: ['^rpm'] },
      },
    });
    expect(variantsProject('multi')).toMatchObject({
      name: 'multi',
      root: 'reqsets/multi',
      targets: {
        lock: { options: { reqset: 'multi' } },
        rpm: { dependsOn: ['^rpm'] },
        repo: { dependsOn: ['^repo'] },
      },
    });
  });
});

describe('applicationConfiguration', () => {
  const order = sampleApplicationRequest({
    unitFiles: [{ source: 'deploy/demo.service', unit: '@NAME@.service' }],
    config: [{ source: 'deploy/demo.conf', target: '/etc/demo/demo.conf' }],
  });

  test('is named as its RPM', () => {
    expect(applicationConfiguration('reqset3', 'my_app', order, CODES)).toMatchObject({
      name: 'reqset3-my_app',
      root: 'reqsets/reqset3/apps/my_app',
      tags: ['pinpack:application', 'reqset:reqset3'],
    });
  });

  test('is packed after the RPMs of its closure, and again if the facts of their wheels change', () => {
    const { targets } = applicationConfiguration('reqset3', 'my_app', order, CODES);
    expect({ ...targets?.rpm, metadata: undefined }).toEqual({
      executor: 'pinpack:application-rpm',
      cache: true,
      dependsOn: [
        {
          projects: ['my-demo', 'numpy'].map((name) => `reqset3-wheel-${name}`),
          target: 'rpm',
        },
      ],
      inputs: [
        '{projectRoot}/application.json',
        '{workspaceRoot}/apps/my_app/deploy/demo.service',
        '{workspaceRoot}/apps/my_app/deploy/demo.conf',
        { dependentTasksOutputFiles: 'dist/canonical/**/*.json' },
        { externalDependencies: [] },
      ],
      outputs: [
        '{workspaceRoot}/dist/rpms/reqset3/reqset3-my_app-1.0.0-1.noarch.rpm',
        '{workspaceRoot}/dist/digests/reqset3/reqset3-my_app.json',
      ],
      options: {
        reqset: 'reqset3',
        app: 'my_app',
        digest: applicationRequestDigest(order),
        code: CODES['application-rpm'],
      },
    });
  });

  test('is tried when its RPM and those of all that it needs are there, again where one of them is another', () => {
    const { targets } = applicationConfiguration('reqset3', 'my_app', order, CODES);
    expect({ ...targets?.smoke, metadata: undefined }).toEqual({
      executor: 'pinpack:smoke',
      cache: true,
      dependsOn: ['rpm', { projects: ['pinpack-runtime'], target: 'rpm' }],
      inputs: [
        '{workspaceRoot}/apps/my_app/pyproject.toml',
        { dependentTasksOutputFiles: '**/*.rpm', transitive: true },
        { externalDependencies: [] },
      ],
      options: { reqset: 'reqset3', app: 'my_app', rpm: 'reqset3-my_app-1.0.0-1.noarch.rpm' },
    });
  });

  test('reports a problem when it is built, and not before', () => {
    const { targets } = applicationConfiguration('reqset3', 'my_app', { problem: 'no lock' }, CODES);
    for (const target of [targets?.rpm, targets?.smoke])
      expect(target).toMatchObject({ executor: 'pinpack:unlocked', options: { problem: 'no lock' } });
  });
});
