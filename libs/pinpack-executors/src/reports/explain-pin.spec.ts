import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { explainPin, formatExplanation } from './explain-pin.js';

const LOCK = sampleLock(
  [
    sampleSourcePin({ name: 'my-demo', version: '1.0', requires: ['scipy>=1.11'], dependencies: ['scipy'] }),
    samplePackage(),
    samplePackage({
      name: 'scipy',
      version: '1.17.1',
      requires: ['numpy<2.7,>=1.26.4', 'plots'],
      dependencies: ['numpy', 'plots'],
    }),
    // A circle.
    samplePackage({ name: 'plots', version: '3.0', requires: ['scipy', 'numpy>=2'], dependencies: ['scipy', 'numpy'] }),
    samplePackage({ name: 'six', version: '1.17' }),
  ],
  { applications: [{ name: 'demo', release: 1, library: 'my-demo' }] },
);

const INPUTS = {
  requirements: [
    { text: 'Plots', place: 'requirements.txt:1' },
    { text: 'numpy==2.4.6', place: 'requirements.txt:2' },
    { text: 'absent; sys_platform == "win32"', place: 'requirements.txt:3' },
  ],
  constraints: [{ text: 'numpy<3', place: 'constraints.txt:7' }],
  sources: [],
  target: LOCK,
};

describe('why', () => {
  test('reports the requirements of each parent, the limiting ones, and the shortest path from each root', () => {
    expect(formatExplanation('reqset3', explainPin(LOCK, INPUTS, 'numpy'))).toBe(
      [
        'reqset3: numpy 2.4.6',
        'required by',
        '  scipy 1.17.1 requires numpy<2.7,>=1.26.4',
        '  plots 3.0 requires numpy>=2',
        'constrained by',
        '  constraints.txt:7: numpy<3',
        'requirements.txt:1: Plots',
        '  plots 3.0 requires numpy>=2',
        'requirements.txt:2: numpy==2.4.6',
        'application demo',
        '  my-demo 1.0 requires scipy>=1.11',
        '    scipy 1.17.1 requires numpy<2.7,>=1.26.4',
      ].join('\n'),
    );
  });
});
