import { describe, expect, test } from 'vitest';
import { inputsDigest, recordInputs, type LockInputs, type SourceTree } from './inputs.js';
import { PLACE, sampleLock } from './lock.fixture.js';
import type { Lock } from './lock.js';
import { formatPylock, parsePylock } from './pylock.js';
import { describeStaleness } from './staleness.js';

const FILES = { requirements: 'r/requirements.txt', constraints: 'r/constraints.txt', settings: 'r/reqset.json' };

const SOURCE: SourceTree = {
  path: 'apps/demo',
  name: 'my-demo',
  version: '1.0',
  dependencies: ['numpy>=2'],
  buildRequires: ['setuptools'],
};

const INPUTS: LockInputs = {
  requirements: [
    { text: 'psycopg[binary]==3.2', place: 'r/requirements.txt:1' },
    { text: 'six == 1.17', place: 'r/requirements.txt:2' },
  ],
  constraints: [{ text: 'numpy<3', place: 'r/constraints.txt:1' }],
  sources: [SOURCE],
  target: { python: '3.11.2', platform: 'manylinux_2_28_x86_64' },
  applications: [{ name: 'demo', library: 'my-demo' }],
};

/** The sample lock as if it had been made from the inputs, and read again from its file. */
function lockOf(inputs: LockInputs): Lock {
  const lock = { ...sampleLock(), inputsSha256: inputsDigest(inputs), inputs: recordInputs(inputs) };
  return parsePylock(formatPylock(lock, PLACE), 'pylock.toml', PLACE.folder);
}

function changed(change: Partial<LockInputs>): string[] {
  return describeStaleness(lockOf(INPUTS), { ...INPUTS, ...change }, FILES);
}

describe('describeStaleness', () => {
  test('a current lock, also with other white space and order', () => {
    expect(changed({})).toEqual([]);
    expect(changed({ requirements: [...INPUTS.requirements].reverse() })).toEqual([]);
    expect(changed({ requirements: INPUTS.requirements.map((one) => ({ ...one, text: `${one.text} ` })) })).toEqual([]);
  });

  test('names lines of requirements and constraints', () => {
    const requirements = [
      { text: 'psycopg[binary]==3.3', place: 'r/requirements.txt:1' },
      { text: 'six == 1.17', place: 'r/requirements.txt:2' },
    ];
    expect(changed({ requirements, constraints: [] })).toEqual([
      'r/requirements.txt:1: added psycopg[binary]==3.3',
      'r/requirements.txt: removed psycopg[binary]==3.2',
      'r/constraints.txt: removed numpy<3',
    ]);
  });

  test('names what changed in a source tree', () => {
    const source = { ...SOURCE, version: '1.1', dependencies: ['numpy>=2', 'setuptools'] };
    expect(changed({ sources: [source] })).toEqual([
      'apps/demo/pyproject.toml: the version is 1.1, locked is 1.0',
      'apps/demo/pyproject.toml: dependencies: added setuptools',
    ]);
  });

  test('names applications that were added and removed', () => {
    expect(changed({ sources: [], applications: [] })).toEqual(['apps/demo: locked, but it no longer uses the reqset']);
    expect(changed({ sources: [SOURCE, { ...SOURCE, path: 'apps/other', name: 'other' }] })).toEqual([
      'apps/other/pyproject.toml: the application is not locked',
    ]);
  });

  test('names settings', () => {
    const build = { isForced: true, requires: [], environment: {}, configSettings: {}, system: [], patches: [] };
    const target = { ...INPUTS.target, python: '3.12.1' };
    expect(changed({ target, compression: 'xz:2', builds: { Six: build } })).toEqual([
      'r/reqset.json: python is 3.12.1, locked is 3.11.2',
      'r/reqset.json: compression is xz:2, locked is the default',
      'r/reqset.json: build six is sdist, locked is wheel',
    ]);
  });

  test('names the files if what changed is not recorded', () => {
    const hashed = INPUTS.requirements.map((one) => ({ ...one, hashes: ['ab'.repeat(32)] }));
    const found = [
      'r/requirements.txt, r/constraints.txt, r/reqset.json or a file that it names has changed since it was locked',
    ];
    expect(changed({ requirements: hashed })).toEqual(found);
    const old = lockOf(INPUTS);
    delete old.inputs;
    expect(describeStaleness(old, { ...INPUTS, requirements: [] }, FILES)).toEqual(found);
  });
});
