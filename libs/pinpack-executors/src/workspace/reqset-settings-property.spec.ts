/** Mutated reqset.json and options of the plugin: each is read or refused with a typed error. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzz, fuzzOptions, fuzzParameters } from '@pinpack/testing';
import { PinpackError } from '../pinpack-error.js';
import { checkPluginOptions } from './plugin-options.js';
import { parseLabels, parseSettings } from './reqset-settings.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

function refuses(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(PinpackError);
  }
}

test('a mutated reqset.json is read or refused', fuzzOptions(1500), async () => {
  const files = ['multi', 'sources', 'webset'].map((reqset) => readFileSync(`${ROOT}/reqsets/${reqset}/reqset.json`));
  const more = Buffer.from(
    '{"index": {"acme-*": "internal"}, "build": {"x": {"patches": ["a"], "wheel": "b.whl"}}, "bytecode": true}',
  );
  await fuzz({ samples: [...files, more], usual: 1500 }, (data) => {
    refuses(() => parseSettings(data.toString('utf8'), 'reqset.json'));
    refuses(() => parseLabels(data.toString('utf8'), 'reqset.json'));
  });
});

test(
  'any JSON is settings or refused',
  () => {
    const keys = [
      'python',
      'platform',
      'variants',
      'build',
      'index',
      'bytecode',
      'limits',
      'store',
      'publish',
      '__proto__',
      'constructor',
    ];
    const value = fc.jsonValue({ maxDepth: 2 });
    const settings = fc.dictionary(fc.constantFrom(...keys), fc.oneof(value, fc.dictionary(fc.string(), value)));
    fc.assert(
      fc.property(settings, (input) => {
        refuses(() => parseSettings(JSON.stringify(input), 'reqset.json'));
        refuses(() => checkPluginOptions(input));
      }),
      fuzzParameters(500),
    );
  },
  fuzzOptions(500).timeout,
);
