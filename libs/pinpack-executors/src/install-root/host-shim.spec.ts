import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { needProgram } from '@pinpack/testing';
import { encodeHostShim, readHostFacts, type HostFacts } from './host-shim.js';

const FACTS = {
  pythonVersion: '3.11.2',
  pythonMinors: ['3.9', '3.11'],
  capabilities: ['/bin/sh', 'libc.so.6(GLIBC_2.34)(64bit)', 'libz.so.1()(64bit)', 'libz.so.1()(64bit)'],
};

async function askRpm(facts: HostFacts, question: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-shim-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const { fileName, chunks } = await encodeHostShim(facts);
  writeFileSync(join(folder, fileName), Buffer.concat(chunks));
  const { stdout } = await execa('rpm', ['-qp', '--nosignature', question, join(folder, fileName)]);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('the host shim', () => {
  it('provides the Pythons, the loader and every capability once, says rpm', async (context) => {
    await needProgram(context, 'rpm');
    const provides = await askRpm(FACTS, '--provides');
    expect(provides.filter((line) => !line.startsWith('host-shim-'))).toEqual([
      '/bin/sh',
      'libc.so.6(GLIBC_2.34)(64bit)',
      'libz.so.1()(64bit)',
      'python(abi) = 3.11',
      'python(abi) = 3.9',
      'python3 = 3.11.2',
      'rtld(GNU_HASH)',
    ]);
  });

  it('requires nothing of the system and has no files', async (context) => {
    await needProgram(context, 'rpm');
    expect((await askRpm(FACTS, '--requires')).filter((line) => !line.startsWith('rpmlib('))).toEqual([]);
    expect((await askRpm(FACTS, '--list')).filter((line) => line !== '(contains no files)')).toEqual([]);
  });

  it('has the same bytes from the same facts, and another name from others', async () => {
    expect(await encodeHostShim(FACTS)).toEqual(await encodeHostShim(FACTS));
    const more = await encodeHostShim({ ...FACTS, capabilities: [...FACTS.capabilities, '/usr/bin/env'] });
    expect(more.fileName).toMatch(/^host-shim-[0-9a-f]{16}-1-1\.noarch\.rpm$/);
    expect(more.fileName).not.toBe((await encodeHostShim(FACTS)).fileName);
  });
});

describe('the facts of the host', () => {
  it('are the required ones that exist', async (context) => {
    await needProgram(context, '/usr/bin/python3');
    const wanted = ['/bin/sh', '/usr/bin/no-such-program', 'libc.so.6(GLIBC_2.2.5)(64bit)', 'reqset3-wheel-numpy'];
    const { pythonVersion, pythonMinors, capabilities } = await readHostFacts(wanted);
    expect(pythonMinors).toContain(pythonVersion.split('.').slice(0, 2).join('.'));
    expect(capabilities).toContain('/bin/sh');
    expect(capabilities).toContain('libc.so.6(GLIBC_2.2.5)(64bit)');
    expect(capabilities.filter((name) => !name.startsWith('libc.so.6'))).toEqual(['/bin/sh']);
  });
});

describe('the names that RPMs require', () => {
  it('are provided where the host has one of a rich dependency', async () => {
    const { capabilities } = await readHostFacts(['(/usr/bin/python3 or pinpack-interpreter)']);
    expect(capabilities).toEqual(['/usr/bin/python3']);
  });
});
