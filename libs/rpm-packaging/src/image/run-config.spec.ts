import { describe, expect, test } from 'vitest';
import type { RunConfig } from '@pinpack/oci-image';
import { sampleApplicationRequest } from '../application-rpm/application-request.fixture.js';
import type { ApplicationSettings } from '../application-rpm/application-settings.js';
import { imageName, planRun } from './run-config.js';
import type { ImageSettings } from '../application-rpm/image-settings.js';

const VENV = '/opt/reqset3-my_app/venv';

function plan(
  image: Partial<ImageSettings>,
  run: RunConfig = {},
  settings: Partial<ApplicationSettings> = {},
): RunConfig {
  return planRun({
    request: sampleApplicationRequest(settings),
    image: { base: 'x', env: {}, ports: [], labels: {}, compression: 'gzip', ...image },
    base: { digest: 'sha256:1', run },
    account: settings.user === undefined ? undefined : { uid: 999, gid: 998 },
  });
}

describe('planRun', () => {
  test('starts the first script, and no command of the base', () => {
    const scripts = [{ command: 'my-app', script: 'my-app' }];
    expect(plan({}, { Cmd: ['/bin/sh'] }, { scripts })).toMatchObject({ Entrypoint: [`${VENV}/bin/my-app`], Cmd: [] });
    expect(plan({}, { Entrypoint: ['/init'] })).toMatchObject({ Entrypoint: [], Cmd: [`${VENV}/bin/python`] });
    expect(plan({ entrypoint: ['@VENV@/bin/x'], cmd: ['@NAME@', '@REQSET@'] })).toMatchObject({
      Entrypoint: [`${VENV}/bin/x`],
      Cmd: ['reqset3-my_app', 'reqset3'],
    });
  });

  test("puts the environment's scripts before the base's PATH, and its own variables over the base's", () => {
    expect(plan({ env: { B: '2' } }, { Env: ['PATH=/bin', 'A=1=1', 'B=1'] }).Env).toEqual([
      `PATH=${VENV}/bin:/bin`,
      'A=1=1',
      'B=2',
      `VIRTUAL_ENV=${VENV}`,
    ]);
    expect(plan({}).Env?.[0]).toMatch(/^PATH=\/opt\/reqset3-my_app\/venv\/bin:\/usr\/local\/sbin:/);
  });

  test("runs as the application's account by number, unless it is said otherwise", () => {
    expect(plan({}, { User: 'base' }).User).toBeUndefined();
    expect(plan({}, {}, { user: 'web' }).User).toBe('999:998');
    expect(plan({ user: 'nobody' }, {}, { user: 'web' }).User).toBe('nobody');
  });

  test('adds ports and labels to those of the base', () => {
    const base = { ExposedPorts: { '22/tcp': {} }, Labels: { team: 'base', 'org.opencontainers.image.title': 'base' } };
    const { ExposedPorts, Labels } = plan({ ports: ['8000', '53/udp'], labels: { team: 'own' } }, base);
    expect(Object.keys(ExposedPorts ?? {})).toEqual(['22/tcp', '8000/tcp', '53/udp']);
    expect(Labels).toEqual({
      team: 'own',
      'org.opencontainers.image.title': 'reqset3-my_app',
      'org.opencontainers.image.version': '1.0-1',
      'org.opencontainers.image.description': 'Sums things up.',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.url': 'https://example.org/demo',
      'org.opencontainers.image.base.digest': 'sha256:1',
    });
  });

  test('is called by a name that container engines take', () => {
    expect(imageName(sampleApplicationRequest())).toBe('localhost/reqset3-my_app:1.0-1');
  });
});
