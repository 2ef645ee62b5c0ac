// Tests the files of deploy/ except the example configuration, which parse-config.spec.ts and claim-rules.spec.ts test.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { LIMITS } from './config.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const UNIT = readFileSync(join(ROOT, 'deploy/pinpack-store.service'), 'utf8');
const CONTAINERFILE = readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)('the systemd unit is valid and hardened (skipped without systemd-analyze)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-unit-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'pinpack-store.service');
  // The program isn't installed where the unit says.
  writeFileSync(file, UNIT.replaceAll('/opt/pinpack-store/node_modules/.bin/pinpack-store', process.execPath));
  const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
  expect({ status: verified.status, stderr: verified.stderr }).toEqual({ status: 0, stderr: '' });
  const text = execFileSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' });
  expect(Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(text)?.[1])).toBeLessThan(2);
});

test('systemd waits longer than the shutdown time limit of the server', () => {
  const timeout = Number(/^TimeoutStopSec=(\d+)$/m.exec(UNIT)?.[1]);
  expect(timeout).toBeGreaterThan(LIMITS.shutdownSeconds.byDefault);
});

test('the Containerfile refers to existing packages and files', () => {
  const { name, bin } = JSON.parse(readFileSync(join(ROOT, 'libs/build-store/package.json'), 'utf8')) as {
    name: string;
    bin: Record<string, string>;
  };
  expect(name).toBe('@pinpack/build-store');
  expect(CONTAINERFILE).toContain('--workspace libs/build-store');
  expect(CONTAINERFILE).toContain(`ENTRYPOINT ["${Object.keys(bin).join()}"]`);
  for (const path of Object.values(bin)) expect(existsSync(join(ROOT, 'libs/build-store', path))).toBe(true);
});
