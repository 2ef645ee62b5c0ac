import { describe, expect, test } from 'vitest';
import { affects, fixesOf } from './affects.js';
import { parseOsv, type OsvEvent, type OsvRecord } from './osv-record.js';

function record(events: OsvEvent[], versions: string[] = [], type = 'ECOSYSTEM'): OsvRecord {
  const affected = [{ package: { ecosystem: 'PyPI', name: 'Demo.Name' }, ranges: [{ type, events }], versions }];
  const parsed = parseOsv(JSON.stringify({ id: 'OSV-1', affected }));
  if (parsed === undefined || 'problem' in parsed) throw new Error('not a record');
  return parsed;
}

const ALL: OsvEvent = { introduced: '0' };

describe('a vulnerability', () => {
  test.each<[string, OsvEvent[], string[], string[]]>([
    [
      'before a fix',
      [ALL, { fixed: '1.10' }],
      ['0.1', '1.9', '1.10rc1', '1.10.dev1'],
      ['1.10', '1.10.0', '1.10.post1', '2'],
    ],
    ['up to a version', [ALL, { last_affected: '1.10' }], ['1.9', '1.10', '1.10.0'], ['1.10.post1', '1.11']],
    ['from a version on', [{ introduced: '2.0rc1' }], ['2.0rc1', '2.0', '99'], ['2.0b9', '1']],
    [
      'in two series, whose events are in any order',
      [{ fixed: '2.3' }, { introduced: '2.0' }, { fixed: '1.5' }, ALL],
      ['1.4', '2.0', '2.2.9'],
      ['1.5', '1.9', '2.3'],
    ],
    ['of one version', [{ introduced: '1.0' }, { last_affected: '1.0' }], ['1.0', '1.0.0'], ['0.9', '1.0.1']],
    ['of none', [{ introduced: '1.0' }, { fixed: '1.0' }], [], ['0.9', '1.0', '1.1']],
    ['with epochs', [ALL, { fixed: '1!0.5' }], ['9.0', '1!0.4'], ['1!0.5', '2!0.1']],
    ['below a limit', [ALL, { limit: '1.5' }], ['1.4'], ['1.5', '2.0']],
    // A build of a public version, such as torch 2.1.0+cpu, has its code.
    ['of builds with local versions', [ALL, { last_affected: '2.1.0' }], ['2.1.0+cpu', '2.0+cu118'], ['2.1.1+cpu']],
    ['with a version that is none', [ALL, { fixed: 'unknown-date' }, { fixed: '2.0' }], ['1.0'], ['2.0']],
    ['without an introduction', [{ fixed: '2.0' }], [], ['1.0', '2.0']],
  ])('%s', (_title, events, affected, others) => {
    const one = record(events);
    expect(affected.filter((version) => !affects(one, 'demo-name', version))).toEqual([]);
    expect(others.filter((version) => affects(one, 'demo-name', version))).toEqual([]);
    expect(affects(one, 'other', affected[0] ?? '1.0')).toBe(false);
  });

  test('of listed versions, however they are written', () => {
    const one = record([], ['1.0', '2.0.RC1', 'not-a-version']);
    expect(
      ['1.0.0', '1.0+local', '2.0rc1', 'not-a-version'].map((version) => affects(one, 'demo-name', version)),
    ).toEqual([true, true, true, true]);
    expect(affects(one, 'demo-name', '1.1')).toBe(false);
  });

  test('is not evaluated by commits', () => {
    expect(affects(record([ALL], [], 'GIT'), 'demo-name', '1.0')).toBe(false);
  });
});

describe('the nearest fix', () => {
  test('is a version that no other vulnerability affects, in the series of the pin first', () => {
    const one = record([ALL, { fixed: '1.5' }, { introduced: '2.0' }, { fixed: '2.3' }]);
    const other = record([{ introduced: '1.5' }, { fixed: '1.6' }]);
    expect(fixesOf([one], 'demo-name', '1.2')).toEqual(['1.5', '2.3']);
    expect(fixesOf([one, other], 'demo-name', '1.2')).toEqual(['1.6', '2.3']);
    expect(fixesOf([one], 'demo-name', '2.2')).toEqual(['2.3']);
    expect(fixesOf([record([ALL, { last_affected: '9' }])], 'demo-name', '1')).toEqual([]);
  });
});

describe('an OSV record', () => {
  test.each([
    ['withdrawn', { withdrawn: '2026-01-01T00:00:00Z' }],
    ['of another ecosystem', { affected: [{ package: { ecosystem: 'npm', name: 'demo' } }] }],
    ['of no package', { affected: [] }],
  ])('that is %s is ignored', (_title, more) => {
    const affected = [{ package: { ecosystem: 'PyPI', name: 'demo' }, versions: ['1'] }];
    expect(parseOsv(JSON.stringify({ id: 'OSV-1', affected, ...more }))).toBeUndefined();
  });

  test.each(['', '{}', '[]', '{"id": 1}'])('that is %j is a problem', (text) => {
    expect(parseOsv(text)).toHaveProperty('problem');
  });
});
