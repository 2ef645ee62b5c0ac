/** The same input gives the same bytes: another clone at another path, with another umask and time zone, caches off. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { cloneWorkspace, fileDigests, Workspace } from './workspace.js';

it('makes identical wheels and RPMs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-elsewhere-'));
  const elsewhere = await cloneWorkspace(join(folder, 'a', 'deeper folder'), {
    umask: '077',
    timeZone: 'Pacific/Chatham',
  });
  await elsewhere.run('npm ci --prefer-offline && npm run setup && npx nx run-many -t rpm --skip-nx-cache');
  const built = new Workspace(inject('built'));
  for (const [place, ending] of [
    ['dist/wheels', '.whl'],
    ['dist/rpms', '.rpm'],
  ] as const) {
    const found = await fileDigests(elsewhere.path(place), ending);
    expect(found.size).toBeGreaterThan(100);
    expect(found).toEqual(await fileDigests(built.path(place), ending));
  }
  await rm(folder, { recursive: true });
});
