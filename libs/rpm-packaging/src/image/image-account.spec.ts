import { describe, expect, test } from 'vitest';
import { planAccount } from './image-account.js';

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nother:x:999:998::/:/bin/sh';
const GROUP = 'root:x:0:\nother:x:998:\n';

describe('planAccount', () => {
  test('takes the highest number of a system account that is free for both', () => {
    expect(planAccount('web', 'set-app', PASSWD, GROUP)).toEqual({
      uid: 997,
      gid: 997,
      passwd: `${PASSWD}\nweb:x:997:997:Service account of set-app:/:/sbin/nologin\n`,
      group: `${GROUP}web:x:997:\n`,
    });
  });

  test('leaves an account that the base has, and takes a group that it has', () => {
    expect(planAccount('other', 'set-app', PASSWD, GROUP)).toEqual({
      uid: 999,
      gid: 998,
      passwd: undefined,
      group: undefined,
    });
    expect(planAccount('web', 'set-app', PASSWD, `${GROUP}web:x:50:\n`)).toMatchObject({
      uid: 997,
      gid: 50,
      group: undefined,
    });
  });

  test('begins the files of a base that has none', () => {
    expect(planAccount('web', 'set-app', '', '')).toMatchObject({ uid: 999, group: 'web:x:999:\n' });
  });
});
