import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage } from '@pinpack/rpm-packaging/testing';
import { thrown } from '@pinpack/testing';
import { checkTools, toolsOf } from './environment-tools.js';

const APPLICATION = { name: 'my_app', release: 1, library: 'numpy', tools: toolsOf('pip') };

describe('checkTools', () => {
  test('passes if the lock has the tools of the environments, or no application', () => {
    const names = ['installer', 'pip', 'virtualenv'].map((name) => samplePackage({ name }));
    expect(() => {
      checkTools('reqset3', sampleLock([samplePackage(), ...names], { applications: [APPLICATION] }));
      checkTools('reqset3', sampleLock([]));
    }).not.toThrow();
  });

  test('names the lines to add', () => {
    const lock = sampleLock([samplePackage(), samplePackage({ name: 'pip' })], { applications: [APPLICATION] });
    expect(
      thrown(() => {
        checkTools('reqset3', lock);
      }),
    ).toBe(
      [
        'PINPACK_TOOL_MISSING reqsets/reqset3/requirements.txt: lacks installer and virtualenv, which the environments of its applications need: my_app',
        'Add these lines to reqsets/reqset3/requirements.txt and lock again (nx run reqset3:lock):',
        '  installer==1.1.0',
        '  virtualenv==21.15.8',
      ].join('\n  '),
    );
  });
});

test('an environment that pip fills needs pip too', () => {
  expect(toolsOf('link')).toEqual(['installer', 'virtualenv']);
  expect(toolsOf('pip')).toEqual(['installer', 'pip', 'virtualenv']);
});
