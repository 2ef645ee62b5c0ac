/** The same input gives the same bytes: another clone at another path, with another umask and time zone, and nothing cached but downloads. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { copyInstalled, fileDigests, shareDownloads, Workspace } from './workspace.js';

/** By day without those of reqset1 and reqset2, which are older versions of what reqset3 has. */
const isNightly = process.env.PINPACK_NIGHTLY === '1';

it('makes identical wheels and RPMs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-elsewhere-'));
  const built = new Workspace(inject('built'));
  await mkdir(join(folder, 'a'));
  const elsewhere = await copyInstalled(built, join(folder, 'a', 'deeper folder'), {
    umask: '077',
    timeZone: 'Pacific/Chatham',
  });
  await shareDownloads(built, elsewhere);
  const output = await elsewhere.nx(`run-many -t wheel,rpm ${isNightly ? '' : '--exclude=reqset1*,reqset2*'}`);
  for (const reqset of isNightly ? ['reqset1', 'reqset2', 'reqset3'] : ['reqset3']) {
    expect(output).toContain(`${reqset}-wheel-an-example-pypi-project: built from apps/an_example_pypi_project`);
  }
  // `reqset3-wheel-numpy: dist/rpms/reqset3/…rpm, 15.2 MB`; one from the store ends otherwise.
  expect(output.match(/^\S+: dist\/rpms\/\S+\.rpm, [\d.]+ [kM]?B$/gm)?.length).toBeGreaterThan(isNightly ? 150 : 110);
  for (const [place, ending] of [
    ['dist/wheels', '.whl'],
    ['dist/rpms', '.rpm'],
  ] as const) {
    const found = await fileDigests(elsewhere.path(place), ending);
    expect(found.size).toBeGreaterThan(100);
    const all = [...(await fileDigests(built.path(place), ending))];
    expect(found).toEqual(new Map(all.filter(([file]) => isNightly || !/^reqset[12]\//.test(file))));
  }
  await rm(folder, { recursive: true });
});
