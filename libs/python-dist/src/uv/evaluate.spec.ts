import { fileURLToPath } from 'node:url';
import { rejected } from '@pinpack/testing';
import { expect, test } from 'vitest';
import { activeRequirements, chooseWheels } from './evaluate.js';
import { Uv } from './uv.js';

const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };
const uv = await Uv.find(fileURLToPath(new URL('../../../..', import.meta.url)));

test('an invalid requirement names its package, the line and the problem', async () => {
  const packages = { celery: ['pytz (>dev)', 'six (=1.15)'], kombu: ['amqp>=*', 'vine'] };
  const message = await rejected(() => activeRequirements(uv, TARGET, ['celery'], packages));
  expect(message.split('\n').filter((line) => line.includes('Requires-Dist'))).toEqual([
    expect.stringContaining('celery: its METADATA has Requires-Dist: six (=1.15), expected a requirement (PEP 508): '),
    expect.stringContaining('kombu: its METADATA has Requires-Dist: amqp>=*, expected a requirement (PEP 508): '),
  ]);
  expect(message).not.toContain('Traceback');
});

test('a wheel with an invalid file name is never chosen', async () => {
  const candidates = { six: ['six-1.0-py3-none-any.whl', 'six-1.0-py3-none.whl'], old: ['old_1-py3-none-any.whl'] };
  expect(await chooseWheels(uv, TARGET, candidates)).toEqual({ six: 'six-1.0-py3-none-any.whl', old: null });
});
