// Which package indexes this machine is configured with, as pip and uv are: environment, pip.conf, uv.toml, and last pip's or uv's own default.
// pinpack names no index itself, and a lock names none either: so the same lock serves behind any mirror.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse as parseIni } from 'ini';
import { parse as parseToml } from 'smol-toml';
import { distError } from '../dist-error.js';
import { asTable } from '../lock/table-reader.js';

export interface IndexConfiguration {
  /** Simple repository URLs (PEP 503), in the order in which they are asked. May carry credentials: never print one whole. */
  urls: string[];
  /** A PEM file with certificate authorities, where pip is configured with one. */
  certificates?: string;
}

type Environment = Record<string, string | undefined>;

/**
 * Reads the index configuration.
 *
 * @param root - the workspace's root: its uv.toml counts
 * @throws DistError `INDEX_UNKNOWN` where nothing is configured and neither pip nor uv is there to ask
 */
export async function readIndexConfiguration(
  root: string,
  environment: Environment = process.env,
): Promise<IndexConfiguration> {
  const pip = await readPipConfiguration(environment);
  const uv = await readUvConfiguration(root, environment);
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
  const urls = [...extra.flatMap((urls) => urls?.split(/\s+/) ?? []), first ?? (await askForDefaultIndex(root))];
  return {
    urls: [
      ...new Set(
        urls.filter((url) => url !== '').map((url) => url.replace(/^[\w-]+=(?=https?:)/, '').replace(/\/$/, '')),
      ),
    ],
    ...(certificates !== undefined && { certificates }),
  };
}

function firstOf(...values: (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== '');
}

interface ProgramConfiguration {
  index?: string | undefined;
  extra?: string | undefined;
  certificates?: string | undefined;
}

async function readPipConfiguration(environment: Environment): Promise<ProgramConfiguration> {
  const home = environment.HOME ?? homedir();
  const files = [
    '/etc/pip.conf',
    '/etc/xdg/pip/pip.conf',
    join(home, '.pip/pip.conf'),
    join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'pip/pip.conf'),
    ...(environment.VIRTUAL_ENV === undefined ? [] : [join(environment.VIRTUAL_ENV, 'pip.conf')]),
    ...(environment.PIP_CONFIG_FILE === undefined ? [] : [environment.PIP_CONFIG_FILE]),
  ];
  const settings: Record<string, unknown> = {};
  for (const file of files) {
    const sections = parseIni((await readIfThere(file)) ?? '') as Record<string, Record<string, unknown> | undefined>;
    Object.assign(settings, sections.global, sections.install, sections.download);
  }
  return {
    index: text(settings['index-url']),
    extra: text(settings['extra-index-url']),
    certificates: text(settings.cert),
  };
}

async function readUvConfiguration(
  root: string,
  environment: Environment,
): Promise<{ index?: string | undefined; extra: string[] }> {
  const home = environment.XDG_CONFIG_HOME ?? join(environment.HOME ?? homedir(), '.config');
  const files = ['/etc/uv/uv.toml', join(home, 'uv/uv.toml'), join(root, 'uv.toml')];
  let index: string | undefined;
  const extra: string[] = [];
  for (const file of files) {
    const settings = parseToml((await readIfThere(file)) ?? '');
    index = text(settings['index-url']) ?? index;
    for (const item of Array.isArray(settings.index) ? settings.index : []) {
      const entry = asTable(item);
      const url = text(entry?.url);
      if (url === undefined) continue;
      if (entry?.default === true) index = url;
      else extra.push(url);
    }
  }
  return { index, extra };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** pip and uv say in their own help which index they use where none is configured. */
async function askForDefaultIndex(root: string): Promise<string> {
  const questions = [
    [join(root, '.venv/bin/uv'), 'pip', 'compile', '--help'],
    ['uv', 'pip', 'compile', '--help'],
    ['python3', '-m', 'pip', 'help', 'install'],
  ];
  for (const [program = '', ...words] of questions) {
    const { stdout, failed } = await execa(program, words, { reject: false });
    const answer = /default:?\s+<?(https:\/\/[^\s>)]+\/simple)/.exec(failed ? '' : stdout);
    if (answer?.[1] !== undefined) return answer[1];
  }
  throw distError('package index', 'INDEX_UNKNOWN', [
    'none is configured',
    'looked for UV_DEFAULT_INDEX, PIP_INDEX_URL, pip.conf, uv.toml, and for uv or pip to ask',
    'Set PIP_INDEX_URL to the URL of an index, or install pip (Debian and Fedora: python3-pip).',
  ]);
}
