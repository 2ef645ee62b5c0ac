// Reads the configured package indexes in the order of pip and uv: environment, pip.conf, uv.toml, then the default of uv or pip.
// Neither pinpack nor a lock names an index, so the same lock works with any mirror.
import { devNull, homedir } from 'node:os';
import { join } from 'node:path';
import { parse as parseToml, TomlError, type TomlTable } from 'smol-toml';
import { distError, type DistError } from '../dist-error.js';
import { readIfExists } from '../files/optional-file.js';
import { asTable } from '../toml/table-reader.js';
import { parseIni } from './ini-file.js';
import { isWebUrl } from './redact.js';

export interface IndexConfiguration {
  /** Simple repository URLs (PEP 503), in order of priority. They may contain credentials: print them only by `redact`. */
  urls: string[];
  /** PEM file with certificate authorities, if pip is configured with one. */
  certificates?: string;
}

type Environment = Record<string, string | undefined>;

/**
 * Reads the index configuration.
 *
 * @param root - the workspace's root, which may have a uv.toml
 * @param system - the folder of the system's configuration
 * @throws DistError `DIST_INDEX_UNKNOWN` if no index is configured and neither uv nor pip is installed
 * @throws DistError `DIST_INDEX_CONFIGURATION_INVALID` for an invalid URL, an unreadable file or an invalid uv.toml
 */
export async function readIndexConfiguration(
  root: string,
  environment: Environment = process.env,
  system = '/etc',
): Promise<IndexConfiguration> {
  const pip = await readPipConfiguration(pipFiles(environment, system));
  const uv = await readUvConfiguration(uvFiles(root, environment, system));
  const first = firstOf(
    environment.UV_DEFAULT_INDEX,
    environment.UV_INDEX_URL,
    environment.PIP_INDEX_URL,
    uv.index,
    pip.index,
  );
  const extra = [
    environment.UV_INDEX,
    environment.UV_EXTRA_INDEX_URL,
    environment.PIP_EXTRA_INDEX_URL,
    ...uv.extra,
    pip.extra,
  ];
  const certificates = firstOf(
    environment.PIP_CERT,
    environment.SSL_CERT_FILE,
    environment.REQUESTS_CA_BUNDLE,
    pip.certificates,
  );
  const urls = [...extra.flatMap((urls) => urls?.split(/\s+/) ?? []), first ?? (await findDefaultIndex(root))]
    .filter((url) => url !== '')
    // uv names an index: `torch=https://…`.
    .map((url) => url.replace(/^[\w.-]+=(?=https?:)/, '').replace(/\/+$/, ''));
  if (!urls.every(isWebUrl)) throw invalidUrl();
  return { urls: [...new Set(urls)], ...(certificates !== undefined && { certificates }) };
}

/** The message does not show the value: it may contain a password. */
function invalidUrl(): DistError {
  return distError('package index', 'DIST_INDEX_CONFIGURATION_INVALID', [
    'a configured index is not an http or https URL',
    'looked in UV_DEFAULT_INDEX, UV_INDEX, PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, pip.conf and uv.toml',
    'Correct it. Folders of wheels are not supported as indexes.',
  ]);
}

function firstOf(...values: (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== '');
}

interface ProgramConfiguration {
  index?: string | undefined;
  extra?: string | undefined;
  certificates?: string | undefined;
}

/** Merges pip's files in pip's order: a later file overrides an earlier one, and a command's section overrides `[global]` of any file. */
async function readPipConfiguration(files: string[]): Promise<ProgramConfiguration> {
  const sections: Record<string, Map<string, string>> = {};
  for (const file of files) {
    for (const [name, settings] of parseIni(await readSettings(file))) {
      const section = (sections[name] ??= new Map());
      for (const [key, value] of settings) section.set(key.replaceAll('_', '-').replace(/^--/, ''), value);
    }
  }
  const setting = (key: string): string | undefined =>
    [sections.install, sections.download, sections.global]
      .find((section) => section?.has(key))
      ?.get(key)
      ?.trim();
  return { index: setting('index-url'), extra: setting('extra-index-url'), certificates: setting('cert') };
}

function pipFiles(environment: Environment, system: string): string[] {
  // pip's documented value for "no configuration files".
  if (environment.PIP_CONFIG_FILE === devNull) return [];
  const home = environment.HOME ?? homedir();
  return [
    join(system, 'pip.conf'),
    join(system, 'xdg/pip/pip.conf'),
    join(home, '.pip/pip.conf'),
    join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'pip/pip.conf'),
    ...(environment.VIRTUAL_ENV === undefined ? [] : [join(environment.VIRTUAL_ENV, 'pip.conf')]),
    ...(environment.PIP_CONFIG_FILE === undefined ? [] : [environment.PIP_CONFIG_FILE]),
  ];
}

function uvFiles(root: string, environment: Environment, system: string): string[] {
  const home = environment.XDG_CONFIG_HOME ?? join(environment.HOME ?? homedir(), '.config');
  return [join(system, 'uv/uv.toml'), join(home, 'uv/uv.toml'), join(root, 'uv.toml')];
}

async function readUvConfiguration(files: string[]): Promise<{ index?: string | undefined; extra: string[] }> {
  let index: string | undefined;
  let extra: string[] = [];
  for (const file of files) {
    const settings = parseUvSettings(await readSettings(file), file);
    const entries = (Array.isArray(settings.index) ? settings.index : []).map(asTable);
    const own = entries.find((entry) => entry?.default === true);
    index = text(own?.url) ?? text(settings['index-url']) ?? index;
    // As in uv, indexes of the nearer file come first. Explicit indexes are only for packages that name them, which reqsets do not.
    const others = entries.filter((entry) => entry !== own && entry?.explicit !== true);
    extra = [...others.flatMap((entry) => text(entry?.url) ?? []), ...extra];
  }
  return { index, extra };
}

function parseUvSettings(toml: string, file: string): TomlTable {
  try {
    return parseToml(toml);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // Not smol-toml's message: it shows the line, which may contain a password.
    const lines = ['is not valid TOML', 'Correct this line; uv cannot read the file either.'];
    throw distError(`${file}:${cause.line}:${cause.column}`, 'DIST_INDEX_CONFIGURATION_INVALID', lines);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

async function readSettings(file: string): Promise<string> {
  try {
    return (await readIfExists(file)) ?? '';
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const lines = [`cannot be read: ${reason}`, 'Make it readable for this user, or remove it.'];
    throw distError(file, 'DIST_INDEX_CONFIGURATION_INVALID', lines, { cause });
  }
}

/** The help of pip and uv names the index that they use by default. */
async function findDefaultIndex(root: string): Promise<string> {
  const commands = [
    [join(root, '.venv/bin/uv'), 'pip', 'compile', '--help'],
    ['uv', 'pip', 'compile', '--help'],
    ['python3', '-m', 'pip', 'help', 'install'],
  ];
  // Imported lazily: every nx command loads this package, and few commands run programs.
  const { execa } = await import('execa');
  for (const [program = '', ...words] of commands) {
    const { stdout, failed } = await execa(program, words, { reject: false });
    const answer = /default:?\s+<?(https:\/\/[^\s>)]+\/simple)/.exec(failed ? '' : stdout);
    if (answer?.[1] !== undefined) return answer[1];
  }
  throw distError('package index', 'DIST_INDEX_UNKNOWN', [
    'no index is configured',
    'looked for UV_DEFAULT_INDEX, PIP_INDEX_URL, pip.conf, uv.toml, and the defaults of uv and pip',
    'Set PIP_INDEX_URL to the URL of an index, or install pip (Debian and Fedora: python3-pip).',
  ]);
}
