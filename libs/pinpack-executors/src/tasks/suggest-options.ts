// Suggests the option that a misspelt one means. Nx refuses unknown options of an executor, but its message names only the wrong one.
import { readFileSync } from 'node:fs';
import { nearestName } from '@pinpack/common/format-issues';
import { isMissing } from '@pinpack/common/missing-file';

/** @param argv - the command line of Nx @param optionsOf - the options of an executor; undefined if there is none of that name */
export function suggestOptions(
  argv: readonly string[],
  optionsOf: (executor: string) => string[] | undefined = readOptions,
): string[] {
  const words = argv.slice(2);
  const target = words[0] === 'run' ? words[1]?.split(':')[1] : words[0];
  const known = target === undefined ? undefined : optionsOf(target)?.map(kebabCase);
  if (known === undefined) return [];
  return words.flatMap((word) => {
    const name = /^--(?:no-)?([\w-]+)/.exec(word)?.[1];
    if (name === undefined || known.includes(kebabCase(name))) return [];
    const nearest = nearestName(kebabCase(name), known);
    return nearest === undefined ? [] : [`--${name} is not an option of ${String(target)}: did you mean --${nearest}?`];
  });
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The executors' targets have their names. */
function readOptions(executor: string): string[] | undefined {
  if (!/^[a-z-]+$/.test(executor)) return undefined;
  try {
    const file = new URL(`../../src/executors/${executor}/schema.json`, import.meta.url);
    const { properties } = JSON.parse(readFileSync(file, 'utf8')) as { properties: object };
    return Object.keys(properties);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
