// Reads the configured package indexes in the order of pip and uv: environment, pip.conf, uv.toml, then the default of uv or pip.
// Neither pinpack nor a lock names an index, so the same lock works with any mirror.
import { devNull, homedir } from 'node:os';
import { join } from 'node:path';
import { parse as parseToml, TomlError, type TomlTable } from 'smol-toml';
import { distError, type DistError } from '../dist-error.js';
import { readIfExists } from '../files/optional-file.js';
import { asTable } from '../toml/table-reader.js';
import { askKeyring } from './keyring.js';
import { parseIni } from './ini-file.js';
import { credentialsFor, readNetrc, type Credentials, type Netrc } from './netrc.js';
import { isWebUrl, splitCredentials } from './redact.js';

/** A simple repository (PEP 503). */
export interface ConfiguredIndex {
  /** Without credentials and without a slash at its end. The query may contain a token: print it only by `redact`. */
  url: string;
  credentials?: Credentials;
  /** Names by which reqset.json refers to it: those in uv's configuration, and `default` for the default index. */
  names: string[];
  /** Whether it is used only for the distributions that reqset.json assigns to it (`explicit` in uv.toml). */
  isExplicit: boolean;
}

export interface IndexConfiguration {
  /** In order of priority; the default index is the last. */
  indexes: ConfiguredIndex[];
  /** Credentials for hosts without credentials in their URL. */
  netrc?: Netrc;
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
 * @throws DistError `DIST_INDEX_KEYRING_FAILED` if pip or uv is configured with a keyring that cannot be asked
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
  const certificates = firstOf(
    environment.PIP_CERT,
    environment.SSL_CERT_FILE,
    environment.REQUESTS_CA_BUNDLE,
    pip.certificates,
  );
  const written: WrittenIndex[] = [
    ...[environment.UV_INDEX, environment.UV_EXTRA_INDEX_URL, environment.PIP_EXTRA_INDEX_URL].flatMap(splitUrls),
    ...uv.extra,
    ...splitUrls(pip.extra),
    { isDefault: true, url: first ?? (await findDefaultIndex(root)) },
  ];
  const netrc = await readNetrc(environment);
  const provider = firstOf(environment.UV_KEYRING_PROVIDER, uv.keyring, environment.PIP_KEYRING_PROVIDER, pip.keyring);
  const parsed = mergeIndexes(written.map((index) => parseIndex(index, environment)));
  const usesKeyring = provider !== undefined && KEYRING_PROVIDERS.has(provider);
  const indexes = usesKeyring ? await Promise.all(parsed.map((index) => withKeyring(index, netrc))) : parsed;
  return { indexes, ...(netrc.size > 0 && { netrc }), ...(certificates !== undefined && { certificates }) };
}

/** pip's `import` needs the Python of pip. Its default, `auto`, is not used: a lock must not wait for a keyring that nobody configured. */
const KEYRING_PROVIDERS: ReadonlySet<string> = new Set(['subprocess', 'import']);

/** As in pip and uv, the keyring comes after the URL and netrc. */
async function withKeyring(index: ConfiguredIndex, netrc: Netrc): Promise<ConfiguredIndex> {
  const { url, credentials } = index;
  const isKnown = (credentials?.password ?? '') !== '' || credentialsFor(netrc, new URL(url).hostname) !== undefined;
  if (isKnown) return index;
  const username = credentials?.username === '' ? undefined : credentials?.username;
  const found = await askKeyring(url, username);
  return found === undefined ? index : { ...index, credentials: found };
}

/** The configuration with these URLs, the default index last. */
export function indexesAt(...urls: readonly string[]): IndexConfiguration {
  return {
    indexes: mergeIndexes(urls.map((url, at) => parseIndex({ url, isDefault: at === urls.length - 1 }, {}))),
  };
}

interface WrittenIndex {
  /** With credentials; uv allows a name before it: `torch=https://…`. */
  url: string;
  name?: string | undefined;
  isDefault?: boolean;
  isExplicit?: boolean;
}

function splitUrls(urls: string | undefined): WrittenIndex[] {
  return (urls?.split(/\s+/) ?? []).filter((url) => url !== '').map((url) => ({ url }));
}

function parseIndex(written: WrittenIndex, environment: Environment): ConfiguredIndex {
  const [, named, text = ''] = /^(?:([\w.-]+)=(?=https?:))?(.*)$/s.exec(written.url.trim()) ?? [];
  if (!isWebUrl(text)) throw invalidUrl();
  const { url, credentials } = splitCredentials(text);
  const name = named ?? written.name;
  const own = credentials ?? (name === undefined ? undefined : credentialsOf(name, environment));
  return {
    url: url.replace(/\/+$/, ''),
    ...(own !== undefined && { credentials: own }),
    names: [...(name === undefined ? [] : [name]), ...(written.isDefault === true ? [DEFAULT_INDEX] : [])],
    isExplicit: written.isExplicit === true,
  };
}

/** The name of the default index in reqset.json. */
export const DEFAULT_INDEX = 'default';

/** uv's variables for the credentials of a named index: `UV_INDEX_INTERNAL_PASSWORD`. */
function credentialsOf(name: string, environment: Environment): Credentials | undefined {
  const prefix = `UV_INDEX_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
  const { [`${prefix}_USERNAME`]: username, [`${prefix}_PASSWORD`]: password } = environment;
  if (username === undefined && password === undefined) return undefined;
  return { username: username ?? '', password: password ?? '' };
}

/** As in uv, the first of several indexes with the same name is used. An index that is listed twice keeps all of its names. */
function mergeIndexes(parsed: readonly ConfiguredIndex[]): ConfiguredIndex[] {
  const merged = new Map<string, ConfiguredIndex>();
  const names = new Set<string>();
  for (const index of parsed) {
    const others = index.names.filter((name) => !names.has(name));
    if (index.names.length > 0 && others.length === 0) continue;
    for (const name of others) names.add(name);
    const known = merged.get(index.url);
    merged.set(index.url, {
      ...index,
      ...known,
      names: [...(known?.names ?? []), ...others],
      isExplicit: index.isExplicit && known?.isExplicit !== false,
    });
  }
  return [...merged.values()];
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
  /** The keyring provider. */
  keyring?: string | undefined;
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
  return {
    index: setting('index-url'),
    extra: setting('extra-index-url'),
    certificates: setting('cert'),
    keyring: setting('keyring-provider'),
  };
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

async function readUvConfiguration(
  files: string[],
): Promise<{ index?: string | undefined; keyring?: string | undefined; extra: WrittenIndex[] }> {
  let keyring: string | undefined;
  let index: string | undefined;
  let extra: WrittenIndex[] = [];
  for (const file of files) {
    const settings = parseUvSettings(await readSettings(file), file);
    const entries = (Array.isArray(settings.index) ? settings.index : []).map(asTable);
    const own = entries.find((entry) => entry?.default === true);
    const name = text(own?.name);
    const url = text(own?.url) ?? text(settings['index-url']);
    keyring = text(settings['keyring-provider']) ?? keyring;
    if (url !== undefined) index = name === undefined ? url : `${name}=${url}`;
    const others = entries.filter((entry) => entry !== own);
    // As in uv, indexes of the nearer file come first.
    extra = [
      ...others.flatMap((entry): WrittenIndex[] => {
        const url = text(entry?.url);
        return url === undefined ? [] : [{ url, name: text(entry?.name), isExplicit: entry?.explicit === true }];
      }),
      ...extra,
    ];
  }
  return { index, keyring, extra };
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
