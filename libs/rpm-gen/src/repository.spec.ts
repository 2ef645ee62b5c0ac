import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OFFERED_COMPRESSIONS, parseCompression } from './compression.js';
import { attemptSync, describeWith, run, temporaryFolder } from '@pinpack/testing';
import { folder, minimalSpec, sampleEntries, sampleRpm, textFile, writeRpm } from './samples.fixture.js';

describeWith(['createrepo_c', 'zcat'], 'a repository', () => {
  it.each(OFFERED_COMPRESSIONS)('lists what is in an RPM: %s', async (compression) => {
    const at = temporaryFolder();
    const spec = minimalSpec({ requires: [{ name: 'foo', sense: '>=', version: '1' }], epoch: 3 });
    writeRpm(at, spec, await sampleRpm(spec, sampleEntries(), parseCompression(compression)));
    const { exitCode, output } = attemptSync('createrepo_c', ['--no-database', at]);
    expect(output).not.toMatch(/warning|error/i);
    expect(exitCode).toBe(0);
    const metadata = (kind: string) => {
      const name = readdirSync(join(at, 'repodata')).find((file) => file.endsWith(`${kind}.xml.gz`)) ?? '';
      return run('zcat', [join(at, 'repodata', name)]);
    };
    expect(metadata('primary')).toContain('<version epoch="3" ver="1.2" rel="3"/>');
    expect(metadata('primary')).toContain('<rpm:entry name="foo" flags="GE" epoch="0" ver="1"/>');
    expect(metadata('filelists')).toContain('<file>/usr/lib/tiny/été/fichier ✓ 🦀.txt</file>');
    expect(metadata('filelists')).toContain('<file type="ghost">/var/lib/tiny/ghost.whl</file>');
  });
});

describeWith(['rpmlint'], 'rpmlint', () => {
  it('finds no errors but the missing signature', async () => {
    const at = temporaryFolder();
    const spec = minimalSpec({
      summary: 'Small text file',
      packager: 'Someone <someone@example.com>',
      url: 'https://example.com',
      group: 'Development/Libraries',
      description: 'A package that holds nothing but a small text file, for rpmlint to read.',
      changelog: [{ time: 1_699_963_200, author: 'Someone <someone@example.com> - 1.2-3', text: '- First' }],
    });
    const entries = [
      folder('/usr/share/tiny'),
      textFile('/usr/share/tiny/a.txt', 'hello\n'),
      folder('/usr/share/tiny/b'),
      textFile('/usr/share/tiny/b/a.txt', 'hello\n'),
    ];
    const { output } = attemptSync('rpmlint', [writeRpm(at, spec, await sampleRpm(spec, entries))]);
    expect(output).toMatch(/1 packages and 0 specfiles checked/);
    // Signing is another step.
    expect(output.match(/(?<= E: ).+/g)).toEqual(['no-signature']);
    expect(output).not.toContain('hard-link');
  });
});
