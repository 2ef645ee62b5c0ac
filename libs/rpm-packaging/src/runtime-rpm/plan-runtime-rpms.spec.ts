/** The RPMs of the server's own Python in rpm's own eyes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRpm, fileName, packPayload, type RpmSpec } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import { beforeEach, describe, expect, test } from 'vitest';
import { needProgram, temporaryFolder } from '@pinpack/testing';
import { planDnfRpm, planRuntimeRpm, planWheelhouseRpm } from './plan-runtime-rpms.js';

const FACTS = { version: '0.1.0', date: '2026-11-26', vendor: 'ACME' };
const SETTINGS = new URL('../../../../tools/rpmlint.toml', import.meta.url).pathname;

/** Writes the RPM, without files; gives its path. */
async function write(spec: RpmSpec): Promise<string> {
  const { chunks } = encodeRpm(spec, await packPayload([], { kind: 'none' }));
  const path = join(temporaryFolder(), fileName(spec));
  writeFileSync(path, Buffer.concat(chunks));
  return path;
}

async function query(path: string, ...words: string[]): Promise<string[]> {
  return (await execa('rpm', ['-qp', ...words, path])).stdout.split('\n');
}

beforeEach((context) => needProgram(context, 'rpm'));

describe("the wheelhouse's RPM", () => {
  test('has one file trigger, which facts of wheel RPMs alone set off', async () => {
    expect(await query(await write(planWheelhouseRpm(FACTS)), '--filetriggers')).toEqual([
      'transfiletriggerin scriptlet (using /bin/sh) -- /usr/share/pinpack/',
      '/usr/bin/pinpack-runtime wheelhouse make --listed',
    ]);
  });

  test('removes the wheels when it goes, and not on an upgrade', async () => {
    const { preun } = planWheelhouseRpm(FACTS).scriptlets;
    const script = preun?.body.replace('/usr/bin/pinpack-runtime', 'echo') ?? '';
    const run = async (count: string) => (await execa('/bin/sh', ['-c', script, 'preun', count])).stdout;
    expect([await run('0'), await run('1')]).toEqual(['wheelhouse remove', '']);
  });

  test('needs the runtime until it is gone', async () => {
    const path = await write(planWheelhouseRpm(FACTS));
    const requires = await query(path, '--qf', '[%{REQUIRENEVRS} %{REQUIREFLAGS:deptype}\\n]');
    expect(requires).toContain('pinpack-runtime >= 0.1.0 preun,verify');
  });
});

test.each([
  ['pinpack-runtime', planRuntimeRpm],
  ['pinpack-wheelhouse', planWheelhouseRpm],
  ['pinpack-dnf', planDnfRpm],
])('%s passes rpmlint', async (_name, plan) => {
  const path = await write(plan(FACTS));
  const { stdout, failed } = await execa('rpmlint', ['-c', SETTINGS, path], { reject: false });
  expect(failed, stdout).toBe(false);
  expect(stdout.split('\n').filter((line) => / [EW]: /.test(line))).toEqual([]);
});
