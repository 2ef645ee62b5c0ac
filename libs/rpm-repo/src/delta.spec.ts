import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compression } from '@pinpack/rpm-gen';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sha256OfFile } from '@pinpack/common/digest';
import { deltaProgramDigest, makeDelta, refuseContent, type DeltaRequest } from './delta.js';
import { attempt, describeWith, temporaryFolder } from '@pinpack/testing';
import { writeSample, ZSTD } from './samples.fixture.js';

const at = temporaryFolder();

async function request(
  { compression = ZSTD, seed = 'tiny' }: { compression?: Compression; seed?: string } = {},
  more: Partial<DeltaRequest> = {},
): Promise<DeltaRequest> {
  const work = mkdtempSync(join(at, 'work-'));
  const oldRpm = await writeSample(join(work, 'old'), { name: 'tiny', version: '1', compression });
  const newRpm = await writeSample(join(work, 'new'), { name: 'tiny', version: '2', compression, seed });
  return { oldRpm, newRpm, work, share: 0.8, ...more };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describeWith({ programs: ['makedeltarpm', 'applydeltarpm'] }, 'a delta', () => {
  it.each<Compression>([ZSTD, { kind: 'none' }])(
    'of $kind is small, and makes the new RPM of the old one',
    async (compression) => {
      const { oldRpm, newRpm, work, share } = await request({ compression });
      const delta = await makeDelta({ oldRpm, newRpm, work, share });
      if ('refused' in delta) expect.fail(delta.refused);
      expect(delta.size).toBeLessThan(5000);
      expect(delta.sha256).toBe(await sha256OfFile(delta.path));
      expect(delta.sequence).toMatch(/^tiny-1-1-[0-9a-f]+$/);
      const rebuilt = join(work, 'again.rpm');
      expect(await attempt('applydeltarpm', ['-r', oldRpm, delta.path, rebuilt])).toMatchObject({ exitCode: 0 });
      expect(await sha256OfFile(rebuilt)).toBe(await sha256OfFile(newRpm));
      expect((await attempt('applydeltarpm', ['-i', delta.path])).output).toContain(`sequence: ${delta.sequence}\n`);
    },
  );

  it('has the same bytes each time', async () => {
    const [first, second] = [await makeDelta(await request()), await makeDelta(await request())];
    expect({ ...first, path: '' }).toEqual({ ...second, path: '' });
  });

  it('that does not pay is refused, with its size and the share', async () => {
    const refusal = await makeDelta(await request({ seed: 'other' }));
    expect(refusal).toEqual({
      refused: expect.stringMatching(/^the delta's \d+ bytes are 99% of the RPM's \d+, more than 80%$/) as string,
    });
  });

  it('of a file that is no RPM is refused, with the output of makedeltarpm', async () => {
    const wrong = await request();
    writeFileSync(wrong.oldRpm, 'a page');
    expect(await makeDelta(wrong)).toEqual({
      refused: `makedeltarpm can't make one: exit code 1\n  ${wrong.oldRpm}: not a rpm`,
    });
  });

  it.each([
    ['fails', 'exit 3', /^applydeltarpm can't apply it: exit code 3/],
    ['makes something else', 'echo other > "$4"', /^the RPM that applydeltarpm rebuilds differs/],
  ])('that applydeltarpm %s is refused, and leaves nothing', async (_title, body, reason) => {
    const one = await request();
    const bin = mkdtempSync(join(at, 'bin-'));
    writeFileSync(join(bin, 'applydeltarpm'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${bin}:${process.env.PATH ?? ''}`);
    expect(await makeDelta(one)).toEqual({ refused: expect.stringMatching(reason) as string });
    expect(readdirSync(one.work)).not.toContain('rebuilt.rpm');
  });
});

describe('without deltarpm', () => {
  it('names the package that provides it', async () => {
    vi.stubEnv('PATH', at);
    const message = [
      'makedeltarpm: is not installed',
      'On Debian: apt-get install deltarpm; on Fedora, RHEL and similar: dnf install deltarpm',
    ].join('\n  ');
    const failure = { code: 'REPO_PROGRAM_MISSING', message };
    await expect(request().then(makeDelta)).rejects.toMatchObject(failure);
    await expect(deltaProgramDigest()).rejects.toMatchObject(failure);
  });
});

it('is refused for content that deltarpm cannot count', () => {
  expect(refuseContent(2 ** 31 - 1)).toBeUndefined();
  expect(refuseContent(2 ** 31)?.refused).toContain('2147483648 bytes');
});
