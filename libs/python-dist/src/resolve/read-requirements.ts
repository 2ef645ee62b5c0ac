/** Reads a requirements file with the files that it includes (`-r`, `-c`), and names every path and URL in it. */
import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { hasUrlSecrets, redactUrls } from '@pinpack/common/redact';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { issue, throwIssues, DistError, type DistIssue } from '../dist-error.js';
import type { WrittenRequirement } from '../lock/inputs.js';
import { isValidName } from '../names/normalize-name.js';
import { asTable } from '../toml/table-reader.js';
import { parseToml } from '../toml/parse-toml.js';
import { decodeText } from '../requirements/decode-text.js';
import {
  fileTarget,
  gitTarget,
  pathOf,
  refused,
  type Refused,
  type Target,
} from '../requirements/requirement-targets.js';
import {
  atLine,
  parseRequirementLines,
  parseUnnamed,
  unsupportedOption,
  type OptionLine,
  type RequirementLine,
  type UnnamedLine,
} from '../requirements/requirements-file.js';

export interface ReadRequirements {
  requirements: WrittenRequirement[];
  constraints: WrittenRequirement[];
}

type Kind = 'requirement' | 'constraint';

/** True of every lock, so they need no setting. */
const IMPLIED = /^--(?:prefer-binary|require-hashes)$/;

/**
 * Relative paths are those of the file that has them. In the result a path is relative to the workspace's root: `demo @ file:libs/demo`.
 *
 * @param root - the workspace's root
 * @param file - relative to it
 * @throws DistError `DIST_REQUIREMENTS_FILE_INVALID` with every issue of all files
 */
export async function readRequirements(root: string, file: string, kind: Kind): Promise<ReadRequirements> {
  const reader = new RequirementsReader(root);
  await reader.read(file, kind, []);
  throwIssues(file, reader.issues);
  return { requirements: reader.found.requirement, constraints: reader.found.constraint };
}

/**
 * Requirements by path or URL of a file of another kind, whose paths are relative to the workspace's root.
 *
 * @param place - of the requirements, for messages
 * @throws DistError `DIST_REQUIREMENTS_FILE_INVALID` with every issue
 */
export async function nameTargets(
  root: string,
  place: string,
  texts: readonly string[],
): Promise<WrittenRequirement[]> {
  const reader = new RequirementsReader(root);
  for (const text of texts) await reader.addText(text, place);
  throwIssues(place, reader.issues);
  return reader.found.requirement.map(({ text }) => ({ text, place }));
}

class RequirementsReader {
  readonly issues: DistIssue[] = [];
  readonly found: Record<Kind, WrittenRequirement[]> = { requirement: [], constraint: [] };

  constructor(private readonly root: string) {}

  /** @param from - the files that include this one */
  async read(file: string, kind: Kind, from: readonly string[]): Promise<void> {
    const bytes = await readFile(join(this.root, file)).catch(undefinedIfAbsent);
    if (bytes === undefined) return;
    const text = this.#decode(bytes, file);
    if (text === undefined) return;
    const { requirements, options, unnamed, issues } = parseRequirementLines(text, file);
    this.issues.push(...issues);
    const lines = [
      ...requirements.map((line) => this.#named(line, file, kind)),
      ...unnamed.map((line) => this.#add(line, file, kind)),
    ];
    await Promise.all(lines);
    for (const option of options) await this.#option(option, file, kind, [...from, file]);
    if (options.some(({ option }) => option === '--require-hashes')) this.#requireHashes(requirements, file);
    this.found[kind].sort((a, b) => placeOrder(a.place, b.place));
  }

  /** Paths are relative to the workspace's root. */
  async addText(text: string, place: string): Promise<void> {
    const { requirements, issues } = parseRequirementLines(text, place);
    this.issues.push(...issues);
    for (const line of requirements) await this.#named(line, '.', 'requirement');
  }

  #decode(bytes: Buffer, file: string): string | undefined {
    try {
      return decodeText(bytes, file);
    } catch (error) {
      if (!(error instanceof DistError)) throw error;
      // The lines of its own next step are indented again.
      this.issues.push(issue('DIST_REQUIREMENTS_FILE_INVALID', error.message.replaceAll('\n  ', '\n')));
      return undefined;
    }
  }

  async #option(option: OptionLine, file: string, kind: Kind, from: readonly string[]): Promise<void> {
    const { option: name, value = '', line, raw } = option;
    if (IMPLIED.test(name)) return;
    if (name === '--editable') {
      await this.#editable(value, { file, line, raw }, kind);
      return;
    }
    if (name !== '--requirement' && name !== '--constraint') {
      this.issues.push(unsupportedOption(option, file));
      return;
    }
    const target = this.#included(value, { file, line, raw }, from);
    if (typeof target === 'string') await this.read(target, name === '--constraint' ? 'constraint' : kind, from);
    else this.issues.push(atLine(file, line, `${redactUrls(raw)} ${target.problem}\n${target.next}`));
  }

  /** The included file, relative to the root. */
  #included(value: string, { file, raw }: Place, from: readonly string[]): string | Refused {
    if (/^[a-z+]+:\/\//i.test(value) && !/^file:/i.test(value)) {
      const name = new URL(value).pathname.split('/').at(-1) ?? 'other.txt';
      const copy = join(dirname(file), name);
      return refused(
        'is a URL, which a lock cannot compare with what it was made from',
        `Keep a copy in the workspace: curl -fsSo ${copy} '${redactUrls(value)}', and write: ${raw.split(/[=\s]/)[0] ?? '-r'} ${name}`,
      );
    }
    const path = this.#inWorkspace(value, file);
    if (path === undefined) return refused('is outside of the workspace', 'Copy the file into the workspace.');
    if (from.includes(path)) return refused('includes a file that includes it', 'Remove the line.');
    if (!isFile(join(this.root, path)))
      return refused(`cannot be read: there is no ${path}`, this.#misplaced(value, file));
    return path;
  }

  #misplaced(value: string, file: string): string {
    if (/^[\w.-]+$/.test(value) && !/\.(?:txt|in)$/.test(value) && !isFolder(join(this.root, value)))
      return `For a distribution of the index, write its name: ${value}`;
    const other = relative(dirname(file), value);
    return isFile(join(this.root, value)) || isFolder(join(this.root, value))
      ? `A path is relative to the file that has it. Write: ${other}`
      : 'Correct the path, which is relative to the file that has it.';
  }

  async #editable(value: string, place: Place, kind: Kind): Promise<void> {
    try {
      // `name @ git+https://…` is a requirement with a name.
      if (/^[\w.-]+(?:\[[^\]]*\])?\s*@\s*\S/.test(value) && !value.includes('://@')) {
        const [line] = parseRequirementLines(value, place.file).requirements;
        if (line !== undefined) await this.#named({ ...line, line: place.line }, place.file, kind);
        return;
      }
      await this.#add({ ...parseUnnamed(value, place.line), raw: place.raw }, place.file, kind);
    } catch (error) {
      if (!(error instanceof DistError)) throw error;
      this.issues.push(...error.issues.map(({ message }) => atLine(place.file, place.line, message)));
    }
  }

  async #named(line: RequirementLine, file: string, kind: Kind): Promise<void> {
    const { requirement, raw } = line;
    const { name, extras, url, marker } = requirement;
    if (url === undefined) {
      this.found[kind].push(written(raw.split(/\s--hash\b/)[0] ?? raw, line, file));
      return;
    }
    const given = {
      target: url,
      extras,
      line: line.line,
      raw,
      hashes: line.hashes,
      ...(marker !== undefined && { marker }),
    };
    await this.#add(given, file, kind, name);
  }

  async #add(line: UnnamedLine, file: string, kind: Kind, name?: string): Promise<void> {
    const { extras, marker, raw } = line;
    const resolved = await this.#resolve(line, file, kind, name);
    if ('problem' in resolved) {
      this.issues.push(atLine(file, line.line, `${redactUrls(raw)} ${resolved.problem}\n${resolved.next}`));
      return;
    }
    const all = [...extras, ...(resolved.extras ?? [])];
    const text = `${resolved.name}${all.length === 0 ? '' : `[${all.join(',')}]`} @ ${resolved.url}`;
    this.found[kind].push(written(`${text}${marker === undefined ? '' : ` ; ${marker}`}`, line, file));
  }

  async #resolve({ target }: UnnamedLine, file: string, kind: Kind, name?: string): Promise<Target | Refused> {
    if (kind === 'constraint')
      return refused('is a path or a URL, expected a version', 'Write this line in requirements.txt.');
    if (hasUrlSecrets(target)) {
      return refused(
        'has credentials, which would be committed with the lock',
        'Remove them from the URL, and configure them on the machine: in ~/.netrc, or for git by a credential helper.',
      );
    }
    if (/^(?:hg|svn|bzr)\+/i.test(target)) {
      const next =
        'Build its wheel once, keep it in the workspace, and write: name @ file:wheels/name-1.0-py3-none-any.whl';
      return refused('is not in git, the only version control that is supported', next);
    }
    if (/^git\+/i.test(target)) return gitTarget(target, name);
    if (/^https?:/i.test(target)) return fileTarget(target, new URL(target).pathname, name);
    if (/^[a-z][a-z0-9+.-]+:/i.test(target) && !/^file:/i.test(target))
      return refused('is a URL of a kind that is not supported', 'Expected https:, file: or git+https:.');
    return this.#local(target, file, name);
  }

  async #local(target: string, file: string, name?: string): Promise<Target | Refused> {
    const [, location = target, fragment = ''] = /^([^#]*)(#.*)?$/s.exec(target) ?? [];
    const path = this.#inWorkspace(location, file);
    if (path === undefined) {
      const next = 'Copy it into the workspace, so that every clone has it, and write its path relative to this file.';
      return refused('is outside of the workspace', next);
    }
    const entry = await stat(join(this.root, path)).catch(undefinedIfAbsent);
    if (entry === undefined) return refused(`does not exist: there is no ${path}`, this.#misplaced(location, file));
    if (entry.isDirectory()) return this.#folder(path, name);
    return fileTarget(`file:${path}${fragment}`, path, name);
  }

  async #folder(path: string, name?: string): Promise<Target | Refused> {
    const project = `${path}/pyproject.toml`;
    const text = await readFile(join(this.root, project), 'utf8').catch(undefinedIfAbsent);
    if (text === undefined) {
      return refused(
        `is the folder ${path}, which has no pyproject.toml`,
        `Write ${project} with [project] name, version and dependencies, and [build-system]. An application below apps/ needs no line here: it names its reqsets in [tool.pinpack].`,
      );
    }
    const own = asTable(parseToml(text, project, 'DIST_SOURCE_INVALID').project)?.name;
    if (typeof own !== 'string' || !isValidName(own)) {
      return refused(
        'has no [project] name in its pyproject.toml',
        `Set name, version and dependencies in ${project}.`,
      );
    }
    return { name: name ?? own, url: `file:${path}` };
  }

  /** A path of the workspace, relative to its root. */
  #inWorkspace(value: string, file: string): string | undefined {
    const path = pathOf(value);
    if (path === undefined) return undefined;
    const found = relative(this.root, resolve(this.root, dirname(file), path)).replaceAll('\\', '/');
    if (found === '') return '.';
    return found === '..' || found.startsWith('../') || found.startsWith('/') ? undefined : found;
  }

  #requireHashes(requirements: readonly RequirementLine[], file: string): void {
    for (const { hashes, raw, line, requirement } of requirements) {
      if (hashes.length > 0 || (requirement.url ?? '').includes('sha256=')) continue;
      const next =
        'Add --hash=sha256:…, for example with: uv pip compile --generate-hashes. Or remove --require-hashes: the lock has every hash.';
      this.issues.push(atLine(file, line, `${raw} has no hash, which --require-hashes asks for\n${next}`));
    }
  }
}

interface Place {
  file: string;
  line: number;
  raw: string;
}

function written(
  text: string,
  { line, hashes }: { line: number; hashes: readonly string[] },
  file: string,
): WrittenRequirement {
  return {
    text: text.trim(),
    place: `${file}:${line}`,
    // Indexes publish sha256, so other algorithms cannot be compared.
    ...(hashes.length > 0 && { hashes: hashes.map((hash) => hash.replace(/^sha256:/, '')) }),
  };
}

/** The lines of a file stay in their order. */
function placeOrder(a: string, b: string): number {
  const [fileA = '', lineA = ''] = a.split(/:(?=\d+$)/);
  const [fileB = '', lineB = ''] = b.split(/:(?=\d+$)/);
  return fileA === fileB ? Number(lineA) - Number(lineB) : 0;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
