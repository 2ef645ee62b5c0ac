// What a new reqset starts from: requirements of another tool, as the text of requirements.txt and constraints.txt.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  parseForeignLock,
  parseProjectRequirements,
  parseRequirementsFileWithOptions,
  type OptionLine,
} from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';

export interface ReqsetSource {
  /** As it was given. */
  file: string;
  /** The text of requirements.txt. */
  requirements: string;
  /** The text of constraints.txt. */
  constraints?: string;
  /** `>=3.10` */
  requiresPython?: string;
  /** Whether it has exact versions that `lock --from` keeps. */
  isLock: boolean;
  /** What could not be taken over. */
  issues: string[];
}

/**
 * @param root - the workspace's root
 * @param file - relative to it, or absolute
 * @throws PinpackError `PINPACK_REQSET_INVALID` where a file can't be read
 * @throws DistError where it can't be parsed
 */
export function readSource(root: string, file: string): ReqsetSource {
  const text = readText(root, file);
  if (basename(file) === 'pyproject.toml') {
    const { requirements, requiresPython } = parseProjectRequirements(text, file);
    return { file, ...withHeader(file, requirements), ...pythonOf(requiresPython), isLock: false, issues: [] };
  }
  if (!/\.(?:txt|in)$/.test(file)) {
    const { requirements, requiresPython } = parseForeignLock(text, file);
    return { file, ...withHeader(file, requirements), ...pythonOf(requiresPython), isLock: true, issues: [] };
  }
  const { requirements } = parseRequirementsFileWithOptions(text, file);
  // With hashes a tool wrote it, and it has what the chosen pins need too; without, a person did.
  if (requirements.length > 0 && requirements.every(({ hashes }) => hashes.length > 0)) {
    return { file, ...withHeader(file, parseForeignLock(text, file).requirements), isLock: true, issues: [] };
  }
  return { file, isLock: false, ...copyRequirements(root, file) };
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

/** A requirements.txt as it stands, with the files that it names in their place. */
function copyRequirements(root: string, file: string, from: readonly string[] = []): Copied {
  const text = readText(root, file);
  const { options } = parseRequirementsFileWithOptions(text, file);
  const byLine = new Map(options.map((option) => [option.line, option]));
  const constraints: string[] = [];
  const issues: string[] = [];
  const lines = text.split(/\r?\n/).flatMap((line, index) => {
    const option = byLine.get(index + 1);
    if (option === undefined) return [line];
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
      if (from.includes(named)) return { requirements: '', issues: [`${file}:${line}: ${raw} leads in a circle`] };
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
        issues: [`${file}:${line}: ${raw} is a source tree. Put it under apps/ as a project of this workspace.`],
      };
    default:
      // Which index is asked is the machine's business.
      return { requirements: `# Left out: ${raw}`, issues: [] };
  }
}

function readText(root: string, file: string): string {
  try {
    return readFileSync(resolve(root, file), 'utf8');
  } catch (cause) {
    throw new PinpackError(
      'PINPACK_REQSET_INVALID',
      file,
      ["can't be read", cause instanceof Error ? cause.message : String(cause)],
      { cause },
    );
  }
}
