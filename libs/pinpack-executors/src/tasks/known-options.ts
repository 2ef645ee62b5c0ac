// Refuses unknown options of a generator, with the option that a misspelt one means.
import { readFileSync } from 'node:fs';
import { nearestName } from '@pinpack/common/format-issues';
import { PinpackError } from '../pinpack-error.js';

/**
 * Nx validates options before it loads the generator, and its message names only the wrong option. Therefore the schemas of the generators accept
 * further options, which are refused here.
 *
 * @throws PinpackError `PINPACK_OPTIONS_INVALID` with every unknown option
 */
export function refuseUnknownOptions(generator: string, options: object): void {
  const known = readProperties(generator);
  const { _: words = [], ...named } = options as Record<string, unknown> & { _?: unknown };
  const extra = Array.isArray(words) ? words.map(String) : [];
  const issues = [
    ...Object.keys(named)
      .filter((name) => !known.includes(name))
      .map((name) => unknownOption(name, known)),
    ...extra.map((word) => `has the argument "${word}", expected no further argument`),
  ];
  if (issues.length > 0) throw new PinpackError('PINPACK_OPTIONS_INVALID', `generator pinpack:${generator}`, issues);
}

function unknownOption(name: string, known: readonly string[]): string {
  const all = known.map((each) => `--${each}`).join(', ') || 'none';
  const nearest = nearestName(name, known);
  return `--${name} is not an option${nearest === undefined ? '' : `: did you mean --${nearest}?`}\nexpected: ${all}`;
}

function readProperties(generator: string): string[] {
  const file = new URL(`../../src/generators/${generator}/schema.json`, import.meta.url);
  const { properties = {} } = JSON.parse(readFileSync(file, 'utf8')) as { properties?: object };
  return Object.keys(properties);
}
