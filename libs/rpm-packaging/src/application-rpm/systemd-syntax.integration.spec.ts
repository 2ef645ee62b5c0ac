/** The checks of unit values agree with the real systemd. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@pinpack/common/program';
import { temporaryFolder } from '@pinpack/testing';
import { describe, expect, test } from 'vitest';
import { isCalendar, isCommandLine, isPort, isTimeSpan } from './systemd-syntax.js';

async function accepts(...words: string[]): Promise<boolean> {
  return !(await runProgram('systemd-analyze', words)).failed;
}

/** Whether systemd takes a line of a unit without a complaint. */
async function acceptsLine(file: string, text: string): Promise<boolean> {
  const path = join(temporaryFolder(), file);
  writeFileSync(path, text);
  const { all } = await runProgram('systemd-analyze', ['verify', path]);
  return !all.includes(path);
}

async function disagreements(
  texts: readonly string[],
  ours: (text: string) => boolean,
  real: (text: string) => Promise<boolean>,
): Promise<string[]> {
  const found = await Promise.all(texts.map(async (text) => [text, ours(text), await real(text)] as const));
  expect(new Set(found.map(([, , isReal]) => isReal)).size, 'both kinds are tried').toBe(2);
  return found.filter(([, our, isReal]) => our !== isReal).map(([text]) => text);
}

const CALENDARS = [
  ...['daily', 'Daily', 'hourly', 'minutely', 'weekly', 'monthly', 'quarterly', 'yearly', 'annually', 'semiannually'],
  ...['*-*-* 02:30', '*-*-* 02:30:00', '02:30', '2:5', 'Mon..Fri 02:30', 'Mon,Wed..Fri *-*-* 10:00', 'Sunday 4:00'],
  ...['*:0/15', '*-*-01', '*-*-1,15 06:00', '2026-12-24', '12-24', '*-02~03', 'Mon *-05~07/1', '*-*-* *:*:0/20.5'],
  ...['daily UTC', 'Mon 02:30 Europe/Vienna', '02:30 UTC', 'Mon', 'Mon..Sun', '*-*-* 00..23/2:00'],
  ...['dayly', 'every day', '', 'Mo 02:30', '02:30 am', 'Mon 2', '*', '* * * * *', '0 3 * * 1', '@daily', 'Mon..'],
];
const SPANS = [
  ...['15min', '1h 30min', '1h30min', '90', '1.5h', '2 weeks', '5 minutes', 'infinity', '100ms', '1d 2h 3s', '1 month'],
  ...['15 bananas', '15mins', 'min', '-5s', '1,5h', 'fast', '1h 30x'],
];
const COMMANDS = [
  ...['serve', 'serve --name "two words"', "serve 'a b'", 'serve \\"x', 'serve 100%%', 'serve %i %H', 'serve a"b"c'],
  ...["serve 'unclosed", 'serve "unclosed', 'serve 100%', 'serve "a\\"'],
];

describe('systemd agrees about', () => {
  test('calendar events', async () => {
    expect(await disagreements(CALENDARS, isCalendar, (text) => accepts('calendar', '--', text))).toEqual([]);
  });

  test('time spans', async () => {
    expect(await disagreements(SPANS, isTimeSpan, (text) => accepts('timespan', '--', text))).toEqual([]);
  });

  test('command lines', async () => {
    const real = (text: string) => acceptsLine('x.service', `[Service]\nExecStart=/bin/echo ${text}\n`);
    expect(await disagreements(COMMANDS, isCommandLine, real)).toEqual([]);
  });

  test('ports', async () => {
    const real = (text: string) => acceptsLine('x.socket', `[Socket]\nListenStream=${text}\nService=basic.service\n`);
    const addresses = ['8000', '65535', '127.0.0.1:8000', '[::1]:443', '/run/x.sock', '65536', '127.0.0.1:99999'];
    expect(await disagreements([...addresses, '[::1]:70000'], isPort, real)).toEqual([]);
  });
});
