/** pip's requirements.txt (pip documentation, "Requirements File Format"): lines, comments, continuations, options. */
import { nearestName } from '@pinpack/common/format-issues';
import { DistError, type DistIssue, issue, throwIssues } from '../dist-error.js';
import { logicalLines } from './logical-lines.js';
import { adviceForOption, adviceForRequirementOption } from './option-advice.js';
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

/** A requirement without a name: a path, a URL, or the value of `--editable`. */
export interface UnnamedLine {
  /** The path or URL, without extras. */
  readonly target: string;
  readonly extras: readonly string[];
  readonly marker?: string;
  readonly line: number;
  readonly raw: string;
  /** As `sha256:…`, from `--hash`. */
  readonly hashes: readonly string[];
}

export interface RequirementsFile {
  readonly requirements: readonly RequirementLine[];
  readonly options: readonly OptionLine[];
}

export interface RequirementLines extends RequirementsFile {
  readonly unnamed: readonly UnnamedLine[];
  readonly issues: readonly DistIssue[];
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  '-r': '--requirement',
  '-c': '--constraint',
  '-e': '--editable',
  '-i': '--index-url',
  '-f': '--find-links',
};
const WITH_VALUE = /^--(?:requirement|constraint|editable|index-url|extra-index-url|find-links)$/;
const OTHER_WITH_VALUE = /^--(?:no-binary|only-binary|trusted-host|use-feature|all-releases|only-final)$/;
const WITHOUT_VALUE = /^--(?:no-index|pre|prefer-binary|require-hashes)$/;

const OPTIONS = [
  ...['--requirement', '--constraint', '--editable', '--index-url', '--extra-index-url', '--find-links', '--no-index'],
  ...[
    '--no-binary',
    '--only-binary',
    '--prefer-binary',
    '--require-hashes',
    '--pre',
    '--trusted-host',
    '--use-feature',
  ],
];

/** Parses a file without option lines and paths. Throws `DIST_REQUIREMENTS_FILE_INVALID` with every issue, by file:line. */
export function parseRequirementsFile(text: string, fileName: string): RequirementLine[] {
  const { requirements, options, unnamed, issues } = parseRequirementLines(text, fileName);
  throwIssues(fileName, [
    ...issues,
    ...unnamed.map((line) => pathRefused(line, fileName)),
    ...options.map((option) => unsupportedOption(option, fileName)),
  ]);
  return [...requirements];
}

/** Parses requirements and options, for callers that handle options such as `-r` and `-c`. */
export function parseRequirementsFileWithOptions(text: string, fileName: string): RequirementsFile {
  const { requirements, options, unnamed, issues } = parseRequirementLines(text, fileName);
  throwIssues(fileName, [...issues, ...unnamed.map((line) => pathRefused(line, fileName))]);
  return { requirements, options };
}

/** Parses all lines. It does not throw: the caller reports the issues, with those of other files. */
export function parseRequirementLines(text: string, fileName: string): RequirementLines {
  const requirements: RequirementLine[] = [];
  const options: OptionLine[] = [];
  const unnamed: UnnamedLine[] = [];
  const issues: DistIssue[] = [];
  for (const { raw, line } of logicalLines(text)) {
    try {
      if (raw.startsWith('-')) options.push(parseOption(raw, line));
      else if (looksLikePath(splitOptions(raw).text)) unnamed.push(parseUnnamed(raw, line));
      else requirements.push(parseLine(raw, line));
    } catch (error) {
      if (!(error instanceof DistError)) throw error;
      issues.push(...error.issues.map(({ message }) => atLine(fileName, line, message)));
    }
  }
  return { requirements, options, unnamed, issues };
}

/** Options follow a requirement after a blank. */
function splitOptions(raw: string): { text: string; options: string } {
  const start = raw.search(/\s--?[a-zA-Z]/);
  return start === -1 ? { text: raw, options: '' } : { text: raw.slice(0, start), options: raw.slice(start).trim() };
}

function parseLine(raw: string, line: number): RequirementLine {
  refuseVariables(raw);
  const { text, options } = splitOptions(raw);
  const requirement = parseRequirement(text);
  return { requirement, line, raw, hashes: parseHashes(options, raw, requirement.name) };
}

/** @param raw - `./pkg[extra] ; marker --hash=…`, as pip reads it */
export function parseUnnamed(raw: string, line: number): UnnamedLine {
  refuseVariables(raw);
  const { text, options } = splitOptions(raw);
  // In a URL, `;` is part of it unless a blank comes first.
  const [, target = text, marker] = /^(.*?)(?:(?:\s+|(?<=\]))\s*;\s*(.*))?$/s.exec(text) ?? [];
  const [, path = target, extras] = /^(.*?)(?:\[([^\]]*)\])?$/s.exec(target.trim()) ?? [];
  return {
    target: path.replaceAll(/^["']|["']$/g, ''),
    extras: (extras ?? '').split(',').flatMap((extra) => (extra.trim() === '' ? [] : [extra.trim()])),
    ...(marker !== undefined && marker !== '' && { marker }),
    line,
    raw,
    hashes: parseHashes(options, raw, 'name'),
  };
}

function refuseVariables(raw: string): void {
  if (!/\$\{[A-Z0-9_]+\}/.test(raw)) return;
  throw invalid(
    raw,
    `${raw} names an environment variable`,
    'Write the value instead: a reqset must not depend on the environment. Credentials belong in ~/.netrc or in the configuration of pip or uv.',
  );
}

function pathRefused({ raw, line }: UnnamedLine, fileName: string): DistIssue {
  return atLine(fileName, line, `${raw} is a path or a URL\nexpected a name, for example: name==1.0 or name @ URL`);
}

function looksLikePath(text: string): boolean {
  return (
    /^(?:\.|\/|~|[a-z+]+:\/\/|file:|git\+)/i.test(text) ||
    /^[^\s@;]*(?:\/|\.whl\b|\.tar\.gz\b|\.tgz\b|\.zip\b)/i.test(text)
  );
}

function parseHashes(text: string, raw: string, name: string): string[] {
  const hashes: string[] = [];
  const words = text === '' ? [] : text.split(/\s+/);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const value = word === '--hash' ? (words[++index] ?? '') : /^--hash=(.*)$/.exec(word)?.[1];
    if (value === undefined) {
      const advice = adviceForRequirementOption(word, words.slice(index + 1).join(' '), name);
      throw invalid(raw, `option ${word} is not supported for one requirement`, advice);
    }
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
    throw invalid(raw, `${raw} is not an option of pip for requirements files`, suggestOption(option));
  if (takesValue !== (value !== '')) {
    throw invalid(raw, `${option} ${takesValue ? 'has no value' : `takes no value, found "${value}"`}`);
  }
  return { option, ...(takesValue ? { value } : {}), line, raw };
}

function suggestOption(option: string): string {
  const nearest = nearestName(option, OPTIONS);
  return nearest === undefined ? 'Remove it.' : `Did you mean ${nearest}?`;
}

/** @returns the issue with what to write instead */
export function unsupportedOption({ option, value, raw, line }: OptionLine, fileName: string): DistIssue {
  return atLine(fileName, line, `option "${raw}" is not supported\n${adviceForOption(option, value)}`);
}

function invalid(subject: string, ...lines: readonly [string, ...string[]]): DistError {
  return new DistError(subject, [{ code: 'DIST_REQUIREMENT_INVALID', message: lines.join('\n') }]);
}

export function atLine(fileName: string, line: number, message: string): DistIssue {
  return issue('DIST_REQUIREMENTS_FILE_INVALID', `${fileName}:${line}: ${message}`);
}
