import { codeDigests, parseApplicationSettings, type ApplicationRequest } from '@pinpack/rpm-packaging';
import { describe, expect, test } from 'vitest';
import { sampleApplicationRequest } from '@pinpack/rpm-packaging/testing';
import { thrown } from '@pinpack/testing';
import { checkNames, checkUnits } from './clashes.js';
import { applicationConfiguration, setProject, sourceProject, variantsProject } from './targets.js';

const CONTEXT = { codes: codeDigests() };
const NOTHING = { pins: [], applications: [] };

describe('checkNames', () => {
  test('accepts equal names of variants and reqsets with different labels', () => {
    const projects = [
      setProject('a/b', NOTHING, CONTEXT),
      setProject('a-c', NOTHING, CONTEXT),
      setProject('b', NOTHING, CONTEXT),
    ];
    expect(() => {
      checkNames([...projects, variantsProject('a'), sourceProject('a_b')]);
    }).not.toThrow();
  });

  test('names both, a reqset and another one’s variant', () => {
    expect(
      thrown(() => {
        checkNames([setProject('a/b', NOTHING, CONTEXT), setProject('a-b', NOTHING, CONTEXT)]);
      }),
    ).toBe(
      [
        'PINPACK_NAMES_CLASH reqsets: two projects and RPMs would have the same name',
        'a-b is the variant b of the reqset a (reqsets/a/variants/b), and the reqset a-b (reqsets/a-b) too',
        'Rename one of the two.',
      ].join('\n  '),
    );
  });

  test('names both, an application and a variant, and reports every clash', () => {
    const application = applicationConfiguration('a', 'b', sampleApplicationRequest(), codeDigests());
    expect(
      thrown(() => {
        checkNames([
          setProject('a/b', NOTHING, CONTEXT),
          application,
          setProject('x/y', NOTHING, CONTEXT),
          sourceProject('x-y'),
        ]);
      }),
    ).toBe(
      [
        'PINPACK_NAMES_CLASH reqsets: projects and RPMs would have the same name',
        'a-b is the variant b of the reqset a (reqsets/a/variants/b), and b with the pins of a (reqsets/a/apps/b) too',
        'x-y is the variant y of the reqset x (reqsets/x/variants/y), and apps/x-y too',
        'Rename one of the two.',
      ].join('\n  '),
    );
  });
});

describe('checkUnits', () => {
  const request = (reqset: string, name: string, table: Record<string, unknown>): ApplicationRequest => {
    const sample = sampleApplicationRequest();
    const settings = parseApplicationSettings({ reqsets: [reqset], ...table }, 'pyproject.toml');
    return { ...sample, reqset, application: { ...sample.application, name }, settings };
  };
  const systemd = { exec: 'serve' };

  test('names both applications, of one reqset and of others', () => {
    const web = request('r', 'web', { systemd, services: { worker: { exec: 'work', timer: { calendar: 'daily' } } } });
    expect(
      thrown(() => {
        checkUnits([
          web,
          request('r', 'web-worker', { units: { 'deploy/a.timer': '@NAME@.timer' } }),
          request('r-web', 'worker', { systemd }),
        ]);
      }),
    ).toBe(
      [
        'PINPACK_NAMES_CLASH apps: units of systemd would have the same name',
        'r-web-worker.timer is a unit of r-web, and of r-web-worker too',
        'r-web-worker.service is a unit of r-web, and of r-web-worker too',
        'Rename the service in [tool.pinpack.services] or in [tool.pinpack] units, or one of the applications.',
      ].join('\n  '),
    );
  });

  test('accepts equal services of several reqsets, and templates beside plain units', () => {
    expect(() => {
      checkUnits([
        request('r/a', 'web', { systemd: { ...systemd, migrate: 'migrate' } }),
        request('r/b', 'web', { systemd: { ...systemd, migrate: 'migrate' } }),
        request('r/a', 'web-migrate', { systemd }),
      ]);
    }).not.toThrow();
  });
});
