import { describe, expect, test } from 'vitest';
import { fixedBetween, findVulnerabilities } from './find-vulnerabilities.js';
import { parseOsv, type OsvRecord } from './osv-record.js';
import { reaches, severityOf } from './severity.js';

function record(id: string, aliases: string[], more: object = {}, fixed = '2.0'): OsvRecord {
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }];
  const affected = [{ package: { ecosystem: 'PyPI', name: 'demo' }, ranges }];
  return parseOsv(JSON.stringify({ id, aliases, affected, ...more })) as OsvRecord;
}

const PIN = { name: 'demo', version: '1.0' };

describe('vulnerabilities', () => {
  test('with a common name are one, also by a third, and have the name of the CVE', () => {
    const records = [
      record('PYSEC-1', ['CVE-1']),
      record('GHSA-1', ['PYSEC-9'], { database_specific: { severity: 'MODERATE' } }),
      record('GHSA-2', []),
      record('OTHER-1', ['PYSEC-9', 'CVE-1'], {
        summary: 'Found',
        references: [{ type: 'WEB', url: 'https://example.com' }],
      }),
    ];
    const [one, other, ...more] = findVulnerabilities([PIN], records).sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(one).toEqual({
      ...PIN,
      id: 'CVE-1',
      ids: ['CVE-1', 'GHSA-1', 'OTHER-1', 'PYSEC-1', 'PYSEC-9'],
      severity: 'medium',
      summary: 'Found',
      fixed: ['2.0'],
      url: 'https://osv.dev/vulnerability/CVE-1',
    });
    expect(other).toMatchObject({ id: 'GHSA-2', severity: 'unknown' });
    expect(more).toEqual([]);
  });

  test('between two versions are fixed if the second has none of their names', () => {
    const records = [record('CVE-1', []), record('CVE-2', [], {}, '3.0'), record('GHSA-2', ['CVE-2'], {}, '2.0')];
    const ids = (to: string) => fixedBetween('demo', { from: '1.0', to }, records).map(({ id }) => id);
    expect(ids('1.5')).toEqual([]);
    expect(ids('2.0')).toEqual(['CVE-1']);
    expect(ids('3.0')).toEqual(['CVE-1', 'CVE-2']);
  });
});

// The scores are those of FIRST's calculators.
describe('the severity', () => {
  test.each([
    ['critical, 9.8', ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'], 'critical'],
    ['high, 7.5', ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'], 'high'],
    ['medium, 5.3', ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N'], 'medium'],
    ['low, 3.7', ['CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N'], 'low'],
    ['CVSS 4, 9.3', ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N'], 'critical'],
    ['CVSS 2, 7.5', ['AV:N/AC:L/Au:N/C:P/I:P/A:P'], 'high'],
    ['the most severe', ['LOW', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', 'Moderate'], 'high'],
    ['unknown', ['CVSS:3.1/AV:X', 'CVSS:9.0/AV:N', 'bad', ''], 'unknown'],
  ])('is %s', (_title, texts, expected) => {
    expect(severityOf(texts)).toBe(expected);
  });

  test('that is unknown reaches every threshold', () => {
    expect(reaches('unknown', 'critical')).toBe(true);
    expect(reaches('high', 'critical')).toBe(false);
    expect(reaches('high', 'high')).toBe(true);
  });
});
