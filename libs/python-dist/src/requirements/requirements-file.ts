/** pip's requirements.txt (pip documentation, "Requirements File Format"): lines, comments, continuations, options. */
import { DistError, type DistIssue, issue, throwIssues } from '../dist-error.js';
import { logicalLines } from './logical-lines.js';
import { parseRequirement, type Requirement } from './requirement.js';

/** `line` is that of the first physical line, counted from 1; `raw` the logical line without comment and continuations. */
export interface RequirementLine {
  readonly requirement: Requirement;
  readonly line: number;
  readonly raw: string;
  /** As `sha256:…`, from `--hash`. */
  readonly hashes: readonly string[];
}

/** An option on a line of its own, by its long name (`--requirement`, `--index-url`). */
export interface OptionLine {
  readonly option: string;
  readonly value?: string;
  readonly line: number;
  readonly raw: string;
}

export interface RequirementsFile {
  readonly requirements: readonly RequirementLine[];
  readonly options: readonly OptionLine[];
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  '-r': '--requirement',
  '-c': '--constraint',
  '-e': '--editable',
  '-i': '--index-url',
  '-f': '--find-links',
};
const WITH_VALUE = /^--(?:requirement|constraint|editable|index-url|extra-index-url|find-links)$/;
const OTHER_WITH_VALUE = /^--(?:no-binary|only-binary|trusted-host|use-feature)$/;
const WITHOUT_VALUE = /^--(?:no-index|pre|prefer-binary|require-hashes)$/;

/** Parses a file without option lines. Throws `DIST_REQUIREMENTS_FILE_INVALID` with every issue, by file:line. */
export function parseRequirementsFile(text: string, fileName: string): RequirementLine[] {
  const { requirements, options, issues } = collect(text, fileName);
  throwIssues(fileName, [...issues, ...options.map((option) => unsupported(option, fileName))]);
  return requirements;
}

/** Parses requirements and options, for callers that handle options such as `-r` and `-c`. */
export function parseRequirementsFileWithOptions(text: string, fileName: string): RequirementsFile {
  const { requirements, options, issues } = collect(text, fileName);
  throwIssues(fileName, issues);
  return { requirements, options };
}

function collect(text: string, fileName: string) {
  const requirements: RequirementLine[] = [];
  const options: OptionLine[] = [];
  const issues: DistIssue[] = [];
  for (const { raw, line } of logicalLines(text)) {
    try {
      if (raw.startsWith('-')) options.push(parseOption(raw, line));
      else requirements.push(parseLine(raw, line));
    } catch (error) {
      if (!(error instanceof DistError)) throw error;
      issues.push(...error.issues.map(({ message }) => atLine(fileName, line, message)));
    }
  }
  return { requirements, options, issues };
}

function parseLine(raw: string, line: number): RequirementLine {
  const start = raw.search(/\s--?[a-z]/);
  const requirementText = start === -1 ? raw : raw.slice(0, start);
  if (/\$\{[A-Z0-9_]+\}/.test(raw)) {
    throw invalid(
      raw,
      `${raw} names an environment variable`,
      'write the value instead: a reqset must not depend on the environment',
    );
  }
  if (looksLikePath(requirementText)) {
    throw invalid(
      raw,
      `${requirementText} is a path or a URL`,
      'expected a name, for example: name==1.0 or name @ URL',
    );
  }
  return {
    requirement: parseRequirement(requirementText),
    line,
    raw,
    hashes: start === -1 ? [] : parseHashes(raw.slice(start).trim(), raw),
  };
}

function looksLikePath(text: string): boolean {
  return /^(?:\.|\/|~|[a-z+]+:\/\/|file:)/i.test(text) || /^[^\s@;]*(?:\/|\.whl$|\.tar\.gz$|\.zip$)/i.test(text);
}

function parseHashes(text: string, raw: string): string[] {
  const hashes: string[] = [];
  const words = text.split(/\s+/);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const value = word === '--hash' ? (words[++index] ?? '') : /^--hash=(.*)$/.exec(word)?.[1];
    if (value === undefined)
      throw invalid(raw, `option ${word} is not supported for one requirement`, 'expected --hash');
    if (!/^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/i.test(value)) {
      throw invalid(
        raw,
        `--hash=${value} is not a digest`,
        'expected sha256:, sha384: or sha512: and hexadecimal digits',
      );
    }
    hashes.push(value.toLowerCase());
  }
  return hashes;
}

function parseOption(raw: string, line: number): OptionLine {
  const [, written = '', joined] = /^(--[a-z-]+|-[a-z])(?:[=\s]\s*|(?<=^-[a-z]))?(.*)$/s.exec(raw) ?? [];
  const option = LONG_NAMES[written] ?? written;
  const value = joined?.trim() ?? '';
  const takesValue = WITH_VALUE.test(option) || OTHER_WITH_VALUE.test(option);
  if (!takesValue && !WITHOUT_VALUE.test(option))
    throw invalid(raw, `${raw} is not an option of pip for requirements files`);
  if (takesValue !== (value !== '')) {
    throw invalid(raw, `${option} ${takesValue ? 'has no value' : `takes no value, found "${value}"`}`);
  }
  return { option, ...(takesValue ? { value } : {}), line, raw };
}

function unsupported({ option, raw, line }: OptionLine, fileName: string): DistIssue {
  const next =
    option === '--requirement'
      ? 'expected only requirements: copy the pins of the other file here'
      : option === '--constraint'
        ? 'expected only requirements: constraints are in constraints.txt beside requirements.txt'
        : /index|links|host/.test(option)
          ? 'expected only requirements: configure the index for pip or uv, so that the pins work with any mirror'
          : 'expected only requirements';
  return atLine(fileName, line, `option "${raw}" is not supported\n${next}`);
}

function invalid(subject: string, ...lines: readonly [string, ...string[]]): DistError {
  return new DistError(subject, [{ code: 'DIST_REQUIREMENT_INVALID', message: lines.join('\n') }]);
}

function atLine(fileName: string, line: number, message: string): DistIssue {
  return issue('DIST_REQUIREMENTS_FILE_INVALID', `${fileName}:${line}: ${message}`);
}
