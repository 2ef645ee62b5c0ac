import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askPython, temporaryFolder } from '@pinpack/testing';
import { credentialsFor, parseNetrc, readNetrc } from './netrc.js';

const TEXT = `machine index.example login me password s3cret
# another
machine other.example
  login "a user"
  password "with \\" quote"
macdef init
  login nobody
  cd /

machine token.example password only
machine index.example login second password second
default login anyone password any#where
`;

describe('netrc', () => {
  test('is read as Python reads it', async () => {
    const path = join(temporaryFolder(), 'netrc');
    writeFileSync(path, TEXT);
    const hosts = ['index.example', 'other.example', 'token.example', 'unknown.example'];
    const script =
      'import netrc\nparsed = netrc.netrc(cases[0])\nresults = [parsed.authenticators(host) for host in cases[1]]';
    const expected = await askPython<[string, string, string][]>('python3', script, [path, hosts]);
    const found = hosts.map((host) => credentialsFor(parseNetrc(TEXT), host));
    expect(found).toEqual(expected.map(([username, , password]) => ({ username, password })));
  });

  test('is at NETRC or in the home folder, and may be absent', async () => {
    const home = temporaryFolder();
    expect(await readNetrc({ HOME: home })).toEqual(new Map());
    writeFileSync(join(home, '.netrc'), 'machine a.example login x password y');
    expect(credentialsFor(await readNetrc({ HOME: home }), 'A.example')).toEqual({ username: 'x', password: 'y' });
    mkdirSync(join(home, 'folder'));
    expect(await readNetrc({ HOME: home, NETRC: join(home, 'folder') })).toEqual(new Map());
  });
});
