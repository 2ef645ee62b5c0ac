/** The commands in docs/updates.md and its examples exist, with their options. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXECUTORS = join(ROOT, 'libs/pinpack-executors');
const COMMAND = /npx nx (?:run-many -t (?<many>[\w-]+)|run [\w-]+:(?<one>[\w-]+))(?<options>(?: --[\w-]+(?:=\S+)?)*)/g;

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

const { executors } = JSON.parse(read(join(EXECUTORS, 'executors.json'))) as {
  executors: Record<string, { schema: string }>;
};

function optionsOf(target: string): string[] | undefined {
  const schema = executors[target]?.schema;
  if (schema === undefined) return undefined;
  return Object.keys((JSON.parse(read(join(EXECUTORS, schema))) as { properties: object }).properties);
}

function camelCase(option: string): string {
  return option.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

test('every command names a target and its options', () => {
  const examples = readdirSync(join(ROOT, 'docs/updates')).map((file) => join('docs/updates', file));
  const commands = ['docs/updates.md', ...examples].flatMap((file) =>
    [...read(join(ROOT, file)).matchAll(COMMAND)].map(([text, many, one, options = '']) => ({
      at: `${file}: ${text}`,
      target: many ?? one ?? '',
      given: [...options.matchAll(/--([\w-]+)/g)].map(([, option = '']) => camelCase(option)),
    })),
  );
  const wrong = commands.filter(({ target, given }) => given.some((option) => !optionsOf(target)?.includes(option)));
  expect(wrong).toEqual([]);
  expect(commands.filter(({ target }) => optionsOf(target) === undefined)).toEqual([]);
  expect(new Set(commands.map(({ target }) => target))).toEqual(new Set(['lock', 'changes']));
  expect(commands.length).toBeGreaterThan(8);
});

test('the configuration of Renovate runs the commands that its administrator is told to allow', () => {
  const { packageRules } = JSON.parse(read(join(ROOT, 'docs/updates/renovate.json'))) as {
    packageRules: { postUpgradeTasks: { commands: string[] } }[];
  };
  const [, allowed = ''] = /allowedCommands: \[(.*?)\]/.exec(read(join(ROOT, 'docs/updates.md'))) ?? [];
  const patterns = [...allowed.matchAll(/'(.*?)'/g)].map(([, pattern = '']) => new RegExp(pattern));
  const commands = packageRules.flatMap(({ postUpgradeTasks }) => postUpgradeTasks.commands);
  expect(commands.filter((command) => !patterns.some((pattern) => pattern.test(command)))).toEqual([]);
  expect(patterns).toHaveLength(commands.length);
});
