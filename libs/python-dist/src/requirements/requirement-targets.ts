/** Names the file or repository that a path or URL in a requirements file refers to. Pure. */
import { fileURLToPath } from 'node:url';
import { parseSdistFileName } from '../names/sdist-file-name.js';
import { parseWheelFileName } from '../names/wheel-file-name.js';

export interface Target {
  name: string;
  url: string;
  /** Extras in a fragment: `#egg=demo[x]`. */
  extras?: string[];
}

export interface Refused {
  problem: string;
  next: string;
}

export function refused(problem: string, next: string): Refused {
  return { problem, next };
}

/** @param url - `git+https://host/repo@rev#egg=name&subdirectory=path` */
export function gitTarget(url: string, name?: string): Target | Refused {
  const [, repository = url, fragment = ''] = /^([^#]*)#?(.*)$/s.exec(url) ?? [];
  const parameters = new URLSearchParams(fragment);
  const [, egg, extras = ''] = /^([^[]*)(?:\[(.*)\])?$/s.exec(parameters.get('egg') ?? '') ?? [];
  const found = name ?? (egg === '' ? undefined : egg);
  if (found === undefined) return refused('has no name', `Write the name of the distribution: name @ ${repository}`);
  if (!URL.canParse(repository.replace(/^git\+/i, '')) || /^git\+git@/i.test(repository))
    return refused(
      'is not a URL',
      'Write the address as a URL, with / instead of : before the path: git+ssh://<user>@<host>/<path>',
    );
  if (/^git\+git:/i.test(repository))
    return refused('is not encrypted or authenticated', 'Use git+https: or git+ssh:.');
  const folder = parameters.get('subdirectory')?.replaceAll(/^\.?\/+|\/+$/g, '') ?? '';
  if (folder.split('/').includes('..')) return refused('has a subdirectory outside of the repository', 'Correct it.');
  const all = extras.split(',').flatMap((extra) => (extra.trim() === '' ? [] : [extra.trim()]));
  return { name: found, url: `${repository}${folder === '' ? '' : `#subdirectory=${folder}`}`, extras: all };
}

/** @param path - of the file, whose name says what it is */
export function fileTarget(url: string, path: string, name?: string): Target | Refused {
  const [, location = url, fragment = ''] = /^([^#]*)#?(.*)$/s.exec(url) ?? [];
  const sha256 = /(?:^|&)sha256=([0-9a-f]{64})(?:&|$)/i.exec(fragment)?.[1]?.toLowerCase();
  if (sha256 === undefined && /(?:^|&)(?:md5|sha1|sha224|sha384|sha512|sha256)=/i.test(fragment)) {
    return refused('has a digest that is not a sha256 of 64 hexadecimal digits', 'Write #sha256=… after the URL.');
  }
  const fileName = decodeURIComponent(path.split('/').at(-1) ?? '');
  const found = nameOf(fileName);
  if (found === undefined) {
    return refused(
      `is not a wheel, an sdist or a folder: ${fileName === '' ? 'it has no file name' : fileName}`,
      'Expected a name such as demo-1.0-py3-none-any.whl or demo-1.0.tar.gz. For a repository, write: name @ git+https://…',
    );
  }
  return { name: name ?? found, url: sha256 === undefined ? location : `${location}#sha256=${sha256}` };
}

function nameOf(fileName: string): string | undefined {
  if (!fileName.endsWith('.whl')) return parseSdistFileName(fileName)?.name;
  try {
    return parseWheelFileName(fileName).name;
  } catch {
    return undefined;
  }
}

/** The path in a `file:` URL or a path; undefined for another host. */
export function pathOf(value: string): string | undefined {
  if (!/^file:/i.test(value)) return value;
  if (!/^file:\/\//i.test(value)) return decodeURIComponent(value.replace(/^file:/i, ''));
  try {
    return fileURLToPath(value.replace(/^file:\/\/localhost\//i, 'file:///'));
  } catch {
    return undefined;
  }
}
