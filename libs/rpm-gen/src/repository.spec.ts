import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Compression } from './compression.js';
import { attempt, describeWith, run, temporaryFolder } from './programs.fixture.js';
import { folder, minimalSpec, NONE, sampleEntries, sampleRpm, textFile, writeRpm, ZSTD } from './samples.fixture.js';

describeWith(['createrepo_c', 'zcat'], 'a repository', () => {
  it.each([ZSTD, NONE])('lists what is in an RPM: $kind', async (compression) => {
    const at = temporaryFolder();
    const spec = minimalSpec({ requires: [{ name: 'foo', sense: '>=', version: '1' }], epoch: 3 });
    writeRpm(at, spec, await sampleRpm(spec, sampleEntries(), compression));
    const { exitCode, output } = attempt('createrepo_c', ['--no-database', at]);
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

describeWith(['makedeltarpm', 'applydeltarpm'], 'a delta RPM', () => {
  it.each<Compression>([ZSTD, { kind: 'zstd', level: 19 }, NONE])(
    'gives the identical RPM from the old one: $kind $level',
    async (compression) => {
      const at = temporaryFolder();
      const [before, after] = [minimalSpec(), minimalSpec({ version: '1.3' })];
      const oldRpm = writeRpm(at, before, await sampleRpm(before, entriesOf('old'), compression));
      const newRpm = writeRpm(at, after, await sampleRpm(after, entriesOf('new'), compression));
      const [delta, applied] = [join(at, 'delta.drpm'), join(at, 'applied.rpm')];
      run('makedeltarpm', ['-r', oldRpm, newRpm, delta]);
      run('applydeltarpm', ['-r', oldRpm, delta, applied]);
      expect(readFileSync(applied).equals(readFileSync(newRpm))).toBe(true);
      expect(readFileSync(delta).length).toBeLessThan(readFileSync(newRpm).length / 2);
    },
  );

  it('can also be made for installed files', async () => {
    const at = temporaryFolder();
    const [before, after] = [minimalSpec(), minimalSpec({ version: '1.3' })];
    const oldRpm = writeRpm(at, before, await sampleRpm(before, entriesOf('old')));
    const newRpm = writeRpm(at, after, await sampleRpm(after, entriesOf('new')));
    const [delta, applied] = [join(at, 'delta.drpm'), join(at, 'applied.rpm')];
    run('makedeltarpm', [oldRpm, newRpm, delta]);
    run('applydeltarpm', ['-r', oldRpm, delta, applied]);
    expect(readFileSync(applied).equals(readFileSync(newRpm))).toBe(true);
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
    const { output } = attempt('rpmlint', [writeRpm(at, spec, await sampleRpm(spec, entries))]);
    expect(output).toMatch(/1 packages and 0 specfiles checked/);
    // Signing is another step.
    expect(output.match(/(?<= E: ).+/g)).toEqual(['no-signature']);
    expect(output).not.toContain('hard-link');
  });
});

/** The old and the new version have most of an incompressible megabyte in common. */
function entriesOf(version: string) {
  let state = 1;
  const noise = Uint32Array.from({ length: 250_000 }, () => (state = Math.imul(state, 1_664_525) + 1_013_904_223));
  const data = Buffer.concat([Buffer.from(version), new Uint8Array(noise.buffer)]);
  return [
    ...sampleEntries(),
    textFile('/usr/lib/tiny/version', version),
    textFile('/usr/lib/tiny/data', '', { size: data.length, read: () => ({ data }) }),
  ];
}
