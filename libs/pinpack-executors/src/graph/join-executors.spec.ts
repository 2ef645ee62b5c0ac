import { codeDigests } from '@pinpack/rpm-packaging';
import { samplePin, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { expect, it } from 'vitest';
import { joinExecutors, joinsDependents } from './join-executors.js';
import { pinProject } from './targets.js';

const CODES = codeDigests();

it.each([samplePin(), sampleSourcePin()])(
  'gives the wheel and the RPM of $name one executor, and changes nothing else',
  (pin) => {
    const project = pinProject('reqset3', pin, { codes: CODES });
    const joined = joinExecutors(project);
    for (const output of ['wheel', 'rpm']) {
      const target = project.targets?.[output] ?? expect.fail('there is no target');
      expect(joined.targets?.[output]).toEqual({
        ...target,
        executor: 'pinpack:build',
        options: { output, ...(target.options as object) },
      });
    }
    expect(joined.targets?.delta).toBe(project.targets?.delta);
    expect({ ...joined, targets: undefined }).toEqual({ ...project, targets: undefined });
  },
);

it.each([
  ['22.0.4', false],
  ['22.6.9', false],
  ['22.7.5', false],
  ['23.2.1', true],
  ['23.1.0', false],
  ['24.0.6', true],
])('depends on the version of Nx: %s is %s', (version, expected) => {
  expect(joinsDependents(version)).toBe(expected);
});
