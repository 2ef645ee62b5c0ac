import { fileURLToPath } from 'node:url';
import { LAYOUTS } from '@pinpack/python-dist';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { SHA256 } from '../pin.fixture.js';
import { needProgram } from '@pinpack/testing';
import { formatManifest, planManifest } from './manifest.js';
import { sampleApplication, sampleFacts } from './application-request.fixture.js';

const RUNTIME = fileURLToPath(new URL('../../../pinpack-runtime/src', import.meta.url));

const LINK = { fill: 'link' } as const;

describe('the manifest', () => {
  const manifest = planManifest('reqset3', sampleApplication(), LINK, sampleFacts());

  test('has the paths on the server', () => {
    expect(manifest).toEqual({
      format: 1,
      name: 'reqset3-my_app',
      reqset: 'reqset3',
      python: '3.11',
      fill: 'link',
      wheels: [
        {
          name: 'my-demo',
          version: '1.0',
          distInfo: 'my_demo-1.0.dist-info',
          tree: '/usr/lib/pinpack/reqset3/my-demo',
          wheel: '/var/lib/pinpack/reqset3/wheelhouse/my_demo-1.0-py3-none-any.whl',
          sha256: SHA256,
        },
        expect.objectContaining({ name: 'numpy', tree: '/usr/lib/pinpack/reqset3/numpy' }),
      ],
    });
  });

  test('is written with sorted keys, whatever their order', () => {
    const { format, ...rest } = manifest;
    expect(formatManifest({ ...rest, format })).toBe(formatManifest(manifest));
    expect(formatManifest(manifest)).toMatch(/^\{\n {2}"fill": "link",\n {2}"format": 1,\n[^]*\n\}\n$/);
  });

  test('is another one with bytecode, so that an upgrade to it makes the environment anew', () => {
    const compiled = planManifest('reqset3', sampleApplication({ bytecode: true }), LINK, sampleFacts());
    expect(compiled).toEqual({ ...manifest, bytecode: true });
  });

  test('has overlapping wheels in the order of their groups, those of the application last', () => {
    const namesOf = (application: ReturnType<typeof sampleApplication>, overlaps?: string[][]) =>
      planManifest('reqset3', application, { ...LINK, ...(overlaps && { overlaps }) }, sampleFacts()).wheels.map(
        ({ name }) => name,
      );
    const swapped = [['numpy', 'my-demo']];
    expect(namesOf(sampleApplication(), swapped)).toEqual(['numpy', 'my-demo']);
    expect(namesOf(sampleApplication({ overlaps: swapped }))).toEqual(['numpy', 'my-demo']);
    expect(namesOf(sampleApplication({ overlaps: swapped }), [['my-demo', 'numpy']])).toEqual(['my-demo', 'numpy']);
  });

  test('says only if no files are shared', () => {
    const independent = planManifest('reqset3', sampleApplication(), { ...LINK, shareFiles: false }, sampleFacts());
    expect(independent).toEqual({ ...manifest, shareFiles: false });
  });

  test('of stored wheels names the files to unpack', () => {
    const stored = planManifest('reqset3', sampleApplication({ layout: 'stored' }), LINK, sampleFacts());
    expect(stored).toMatchObject({
      layout: 'stored',
      wheels: [
        {
          wheel: '/var/lib/pinpack/reqset3/wheelhouse/my_demo-1.0-py3-none-any.whl',
          stored: '/usr/lib/pinpack/reqset3/my-demo.whl.stored',
        },
        { stored: '/usr/lib/pinpack/reqset3/numpy.whl.stored' },
      ],
    });
  });

  test.for(LAYOUTS)('of layout %s is one that pinpack-runtime reads', async (layout, context) => {
    await needProgram(context, 'python3');
    const settings = { ...LINK, shareFiles: false } as const;
    const manifest = planManifest('reqset3', sampleApplication({ layout }), settings, sampleFacts());
    const path = '/opt/reqset3-my_app/application.json';
    const program =
      'import sys; from pinpack_runtime.application import parse_application as parse; a = parse(sys.stdin.buffer.read(), sys.argv[1]); print(a.name, a.fill, a.layout, a.share_files, len(a.wheels))';
    const { stdout } = await execa('python3', ['-B', '-c', program, path], {
      input: formatManifest(manifest),
      env: { PYTHONPATH: RUNTIME },
    });
    expect(stdout).toBe(`reqset3-my_app link ${layout} False 2`);
  });
});
