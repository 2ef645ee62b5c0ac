/**
 * Runs `lock` on each input of cases.ts, and compares what it prints with docs/lock-messages.md. After a change of a message, write the page anew:
 * `npx vitest run --project integration tools/lock-messages -u`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GROUPS } from './cases.js';
import { formatPage } from './format-page.js';
import { runCase, type CaseOutput } from './run-case.js';

const DOCS = new URL('../../docs/', import.meta.url);
const documented = readFileSync(new URL('errors.md', DOCS), 'utf8');
const CODE = /\[((?:PINPACK|DIST)_[A-Z_]+)\]/;

test('the page has every message as it is printed, with its code and a next step', async () => {
  const outputs = new Map<string, CaseOutput>();
  for (const group of GROUPS) for (const one of group.cases) outputs.set(one.title, await runCase(one));
  const wrong = GROUPS.flatMap(({ cases }) => cases).flatMap(({ title, succeeds = false }) => {
    const { success, text } = outputs.get(title) ?? { success: false, text: '' };
    if (success !== succeeds) return [`${title}: success is ${String(success)}\n${text}`];
    if (/secret|\n {4}at /.test(text)) return [`${title}: has a secret or a stack\n${text}`];
    if (success) return [];
    const code = CODE.exec(text)?.[1];
    if (code === undefined || !documented.includes(`### ${code}\n`))
      return [`${title}: has no documented code\n${text}`];
    // The lines from that of the code on: what was found, what was expected, what to do.
    return /\[[A-Z_]+\]\n.+/.test(text) ? [] : [`${title}: has no next step\n${text}`];
  });
  expect(wrong).toEqual([]);
  await expect(formatPage(GROUPS, outputs)).toMatchFileSnapshot(fileURLToPath(new URL('lock-messages.md', DOCS)));
}, 300_000);
