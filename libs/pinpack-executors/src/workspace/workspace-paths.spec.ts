import { describe, expect, test } from 'vitest';
import { applicationFolder, pinFolder, reqsetPaths, setOfLock } from './workspace-paths.js';
import { applicationProject, namesSet, setLabel, setsOf, splitSet, wheelProject } from '@pinpack/rpm-packaging';

describe('a reqset without variants', () => {
  test('has short names', () => {
    expect(setsOf('reqset3', undefined)).toEqual(['reqset3']);
    expect(splitSet('reqset3')).toEqual({ reqset: 'reqset3' });
    expect(setLabel('reqset3')).toBe('reqset3');
    expect(wheelProject('reqset3', 'numpy')).toBe('reqset3-wheel-numpy');
    expect(applicationProject('reqset3', 'app')).toBe('reqset3-app');
  });

  test('has its lock, and what is derived from it, in its folder', () => {
    expect(reqsetPaths('reqset3')).toEqual({
      project: 'reqset3',
      folder: 'reqsets/reqset3',
      requirements: 'reqsets/reqset3/requirements.txt',
      constraints: 'reqsets/reqset3/constraints.txt',
      settings: 'reqsets/reqset3/reqset.json',
      lock: 'reqsets/reqset3/pylock.toml',
      derived: 'reqsets/reqset3',
      wheels: 'dist/wheels/reqset3',
      rpms: 'dist/rpms/reqset3',
      logs: 'dist/logs/reqset3',
    });
    expect(pinFolder('reqset3', 'numpy')).toBe('reqsets/reqset3/pins/numpy');
    expect(applicationFolder('reqset3', 'app')).toBe('reqsets/reqset3/apps/app');
    expect(setOfLock('reqsets/reqset3/pylock.toml')).toBe('reqset3');
  });
});

describe('a variant', () => {
  test('has its label in all names', () => {
    expect(setsOf('multi', ['py311', 'py312'])).toEqual(['multi/py311', 'multi/py312']);
    expect(splitSet('multi/py311')).toEqual({ reqset: 'multi', variant: 'py311' });
    expect(setLabel('multi/py311')).toBe('multi-py311');
    expect(wheelProject('multi/py311', 'numpy')).toBe('multi-py311-wheel-numpy');
    expect(applicationProject('multi/py311', 'app')).toBe('multi-py311-app');
  });

  test('has its own lock file and its own folder for derived files', () => {
    expect(reqsetPaths('multi/py311')).toEqual({
      project: 'multi-py311',
      folder: 'reqsets/multi',
      requirements: 'reqsets/multi/requirements.txt',
      constraints: 'reqsets/multi/constraints.txt',
      settings: 'reqsets/multi/reqset.json',
      lock: 'reqsets/multi/pylock.py311.toml',
      derived: 'reqsets/multi/variants/py311',
      wheels: 'dist/wheels/multi-py311',
      rpms: 'dist/rpms/multi-py311',
      logs: 'dist/logs/multi-py311',
    });
    expect(pinFolder('multi/py311', 'numpy')).toBe('reqsets/multi/variants/py311/pins/numpy');
    expect(setOfLock('reqsets/multi/pylock.py311.toml')).toBe('multi/py311');
  });

  test('belongs to an application that names it, or its reqset', () => {
    expect(namesSet(['multi'], 'multi/py311')).toBe(true);
    expect(namesSet(['multi/py311'], 'multi/py311')).toBe(true);
    expect(namesSet(['multi/py311'], 'multi/py312')).toBe(false);
    expect(namesSet(['reqset3'], 'reqset3')).toBe(true);
    expect(namesSet(['reqset3/py311'], 'reqset3')).toBe(false);
  });
});
