import { mkdtemp, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { livenessOfClaim, tryClaim, withClaim } from './claim.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-claim-'));
  path = join(folder, 'claims/one');
});

describe('a claim', () => {
  it('has one holder at a time', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => tryClaim(path)));
    const [claim, ...others] = claims.filter((found) => found !== undefined);
    expect(others).toEqual([]);
    expect(await livenessOfClaim(path)).toBe('alive');
    claim?.release();
    expect(await livenessOfClaim(path)).toBe('dead');
    expect(await tryClaim(path)).toBeDefined();
  });

  it('of a killed process is free, also where its number was given out again', async () => {
    const compiled = new URL('../../dist/content/claim.js', import.meta.url).href;
    const script = `const { tryClaim } = await import(process.argv[1]); await tryClaim(process.argv[2]);
      process.kill(process.pid, 'SIGKILL');`;
    await execa(process.execPath, ['--input-type=module', '--eval', script, compiled, path], { reject: false });
    expect(await livenessOfClaim(path)).toBe('dead');
    expect(await tryClaim(path)).toBeDefined();
    const own = JSON.parse(await readlink(path)) as Record<string, unknown>;
    await symlink(JSON.stringify({ ...own, started: '1' }), `${path}2`);
    expect(await livenessOfClaim(`${path}2`)).toBe('dead');
  });

  it('of another machine is not taken, and not waited for', async () => {
    (await tryClaim(path))?.release();
    await symlink(JSON.stringify({ host: `not-${hostname()}`, processes: '', pid: 1, started: '' }), path);
    expect(await livenessOfClaim(path)).toBe('unknown');
    expect(await tryClaim(path)).toBeUndefined();
    expect(await withClaim(path, () => Promise.resolve('done'))).toBe('done');
    expect(await readdir(join(folder, 'claims'))).toEqual(['one']);
  });

  it('that cannot be made holds nobody back', async () => {
    await writeFile(join(folder, 'claims'), '');
    expect(await withClaim(path, () => Promise.resolve('done'))).toBe('done');
  });

  it('is released when the task fails', async () => {
    await expect(withClaim(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await readdir(join(folder, 'claims'))).toEqual([]);
  });
});
