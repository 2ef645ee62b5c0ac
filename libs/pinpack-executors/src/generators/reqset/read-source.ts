// Reads the source of a new reqset: converts requirements or locks of other tools to requirements.txt and constraints.txt.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  decodeText,
  parseForeignLock,
  parseProjectRequirements,
  parseRequirementsFileWithOptions,
  parseSpecifierSet,
  parseVersion,
  satisfies,
  type OptionLine,
} from '@pinpack/python-dist';
import { hasUrlSecrets, redactUrls } from '@pinpack/common/redact';
import { PinpackError } from '../../pinpack-error.js';
import { readEnvironment } from './read-environment.js';

export interface ReqsetSource {
  /** The path as given. */
  file: string;
  /** The text of requirements.txt. */
  requirements: string;
  /** The text of constraints.txt. */
  constraints?: string;
  /** `>=3.10` */
  requiresPython?: string;
  /** Whether its exact versions can be kept by `lock --from`. */
  isLock: boolean;
  /** What could not be converted. */
  issues: string[];
}

/**
 * @param root - the workspace's root
 * @param file - relative to it, or absolute
 * @throws PinpackError `PINPACK_REQSET_INVALID` if a file cannot be read
 * @throws DistError if it cannot be parsed
 */
export function readSource(
  root: string,
  file: string,
  selection: { extras: readonly string[]; groups: readonly string[] } = { extras: [], groups: [] },
): ReqsetSource {
  const text = readText(root, file);
  if (basename(file) === 'pyproject.toml') {
    const { requirements, requiresPython } = parseProjectRequirements(text, file, selection);
    return { file, ...withHeader(file, requirements), ...pythonOf(requiresPython), isLock: false, issues: [] };
  }
  if (/\.ya?ml$/.test(file)) {
    refuseSelection(file, selection);
    const { requirements, requiresPython } = readEnvironment(text, file);
    const copied = copyText(root, file, `# From ${basename(file)}.\n${requirements}`);
    return { file, ...copied, ...pythonOf(requiresPython), isLock: false };
  }
  if (!/\.(?:txt|in)$/.test(file)) {
    const { requirements, requiresPython } = parseForeignLock(text, file, selection);
    return { file, ...withHeader(file, requirements), ...pythonOf(requiresPython), isLock: true, issues: [] };
  }
  refuseSelection(file, selection);
  const { requirements } = parseRequirementsFileWithOptions(text, file);
  // A file with hashes was written by a tool and is complete; one without was written by hand.
  if (requirements.length > 0 && requirements.every(({ hashes }) => hashes.length > 0)) {
    return { file, ...withHeader(file, parseForeignLock(text, file).requirements), isLock: true, issues: [] };
  }
  return { file, isLock: false, ...copyRequirements(root, file) };
}

type Selection = NonNullable<Parameters<typeof readSource>[2]>;

function refuseSelection(file: string, { extras, groups }: Selection): void {
  if (extras.length + groups.length === 0) return;
  throw new PinpackError('PINPACK_REQSET_INVALID', file, [
    'has neither extras nor groups',
    'Leave out --extra and --group, or name pyproject.toml or uv.lock.',
  ]);
}

/** First patch versions of the supported Pythons: a lock for them serves later ones. */
const PYTHONS = ['3.11.2', '3.12.0', '3.13.0', '3.14.0', '3.10.0', '3.9.0', '3.8.0'];

/** A Python for the reqset of a project; undefined: the default does, or none of them. */
export function pythonFor(requiresPython: string | undefined): string | undefined {
  if (requiresPython === undefined) return undefined;
  const specifiers = parseSpecifierSet(requiresPython);
  return PYTHONS.find((python) => satisfies(parseVersion(python), specifiers));
}

function withHeader(file: string, lines: readonly string[]): { requirements: string } {
  return { requirements: [`# From ${basename(file)}.`, ...lines, ''].join('\n') };
}

function pythonOf(requiresPython: string | undefined): { requiresPython?: string } {
  return requiresPython === undefined ? {} : { requiresPython };
}

interface Copied {
  requirements: string;
  constraints?: string;
  issues: string[];
}

/** A copy of requirements.txt with the files that it includes in place of the options. */
function copyRequirements(root: string, file: string, from: readonly string[] = []): Copied {
  return copyText(root, file, readText(root, file), from);
}

function copyText(root: string, file: string, text: string, from: readonly string[] = []): Copied {
  const { options } = parseRequirementsFileWithOptions(text, file);
  const byLine = new Map(options.map((option) => [option.line, option]));
  const constraints: string[] = [];
  const issues: string[] = [];
  const physical = text.split(/\r\n|\r|\n/);
  const lines = physical.flatMap((line, index) => {
    if (isContinued(physical, index, byLine)) return [];
    const option = byLine.get(index + 1);
    // Comments may mention an index too. Other lines with credentials are refused with the finished files.
    if (option === undefined) return [line.replace(/(?:^|\s)#.*$/, redactUrls)];
    const copied = copyOption(root, file, option, [...from, file]);
    issues.push(...copied.issues);
    if (copied.constraints !== undefined) constraints.push(copied.constraints);
    return [copied.requirements];
  });
  return {
    requirements: lines.join('\n'),
    ...(constraints.length > 0 && { constraints: constraints.join('\n') }),
    issues,
  };
}

/** Whether the line continues an option, which replaces all of its lines. */
function isContinued(lines: readonly string[], index: number, options: ReadonlyMap<number, OptionLine>): boolean {
  let first = index;
  while (first > 0 && lines[first - 1]?.endsWith('\\') === true && !/^\s*#/.test(lines[first - 1] ?? '')) first--;
  return first < index && options.has(first + 1);
}

function copyOption(
  root: string,
  file: string,
  { option, value = '', raw, line }: OptionLine,
  from: readonly string[],
): Copied {
  const named = join(dirname(file), value);
  const comment = `# From ${value}:`;
  switch (option) {
    case '--requirement': {
      if (from.includes(named))
        return { requirements: '', issues: [`${file}:${line}: ${raw} includes this file again`] };
      const copied = copyRequirements(root, named, from);
      return { ...copied, requirements: `${comment}\n${copied.requirements.trimEnd()}` };
    }
    case '--constraint': {
      const copied = copyRequirements(root, named, from);
      return { requirements: '', constraints: `${comment}\n${copied.requirements}`, issues: copied.issues };
    }
    case '--editable':
      return {
        requirements: '',
        issues: [`${file}:${line}: ${raw} is a source tree. Move it to apps/ as a project of this workspace.`],
      };
    default:
      // The index belongs to the configuration of the machine.
      return { requirements: [`# Omitted: ${redactUrls(raw)}`, ...adviceFor(raw)].join('\n'), issues: [] };
  }
}

function adviceFor(raw: string): string[] {
  return hasUrlSecrets(raw)
    ? [
        '# Its credentials belong in ~/.netrc, in the URL in pip.conf, or in UV_INDEX_<NAME>_USERNAME and UV_INDEX_<NAME>_PASSWORD.',
      ]
    : [];
}

function readText(root: string, file: string): string {
  try {
    return decodeText(readFileSync(resolve(root, file)), file);
  } catch (cause) {
    throw new PinpackError(
      'PINPACK_REQSET_INVALID',
      file,
      ['cannot be read', cause instanceof Error ? cause.message : String(cause)],
      { cause },
    );
  }
}
