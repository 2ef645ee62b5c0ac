/** Mutated locks and requirements: each is read or refused with a typed error. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzz, fuzzOptions, fuzzParameters } from '@pinpack/testing';
import { DistError } from '../dist-error.js';
import { parseSpecifierSet, satisfies } from '../pep440/specifier.js';
import { formatVersion, parseVersion, tryParseVersion } from '../pep440/version.js';
import { parseRequirement } from '../requirements/requirement.js';
import { parseRequirementsFile, parseRequirementsFileWithOptions } from '../requirements/requirements-file.js';
import { parseForeignLock } from './foreign/parse-foreign-lock.js';
import { formatPylock, parsePylock } from './pylock.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const PLACE = { folder: 'reqsets/reqset3', wheels: 'dist/wheels/reqset3' };

function read(path: string): Buffer {
  return readFileSync(`${ROOT}/${path}`);
}

function refuses(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(DistError);
  }
}

const LOCKS = ['reqset3', 'sources', 'legacy'].map((reqset) => read(`reqsets/${reqset}/pylock.toml`));
/** A small lock is parsed fast; the first packages of a real one have all kinds of fields. */
const SMALL = LOCKS.map((lock) => lock.subarray(0, 3000));

describe('a mutated lock is read or refused', () => {
  test('pylock.toml, and it is written as it was read', fuzzOptions(700), async () => {
    await fuzz({ samples: [...LOCKS, ...SMALL], usual: 700 }, (data) => {
      refuses(() => {
        const lock = parsePylock(data.toString('utf8'), 'pylock.toml', PLACE.folder);
        expect(parsePylock(formatPylock(lock, PLACE), 'pylock.toml', PLACE.folder)).toEqual(lock);
      });
    });
  });

  test('of another tool', fuzzOptions(700), async () => {
    const uv = Buffer.from(
      'version = 1\nrequires-python = ">=3.9"\n[[package]]\nname = "demo"\nversion = "1"\nsource = { virtual = "." }\n' +
        'dependencies = [{ name = "x", extra = ["y"], marker = "os_name == \'nt\'" }]\n[package.metadata]\nrequires-dist = [{ name = "x" }]\n' +
        `[[package]]\nname = "x"\nversion = "2"\nsource = { registry = "r" }\nwheels = [{ url = "u", hash = "sha256:${'a'.repeat(64)}", size = 1 }]\n`,
    );
    await fuzz({ samples: [uv, ...SMALL, read('reqsets/legacy/requirements.txt')], usual: 400 }, (data) => {
      for (const file of ['uv.lock', 'pylock.toml', 'pins.txt'])
        refuses(() => parseForeignLock(data.toString('utf8'), file).pinsFor(() => true));
    });
  });
});

test('a mutated requirements.txt is read or refused', fuzzOptions(1500), async () => {
  const written = ['legacy', 'webset', 'sources'].map((reqset) => read(`reqsets/${reqset}/requirements.txt`));
  const options = Buffer.from(
    '-r a.txt\n--index-url https://u:p@h/x\nx[a,b] >=1,<2 ; python_version < "3" and (extra == "a" or os_name != "b") \\\n  --hash=sha256:' +
      `${'a'.repeat(64)}\ny @ git+https://h/y@main # c\n`,
  );
  await fuzz({ samples: [...written, options], usual: 1500 }, (data) => {
    const text = data.toString('utf8');
    refuses(() => parseRequirementsFile(text, 'requirements.txt'));
    refuses(() => parseRequirementsFileWithOptions(text, 'requirements.txt'));
  });
});

const REQUIREMENT = fc.string({
  unit: fc.constantFrom(...'ab[],;@()<>=!~"\' .*+1-_\\\n#\0é'.split(''), 'python_version', ' and ', ' in ', 'extra'),
  maxLength: 60,
});
const VERSION = fc.string({
  unit: fc.constantFrom(...'0123.!+-_abcrv*'.split(''), 'dev', 'post', '.0'),
  maxLength: 24,
});

describe('any text', () => {
  test(
    'is a requirement or refused',
    () => {
      fc.assert(
        fc.property(REQUIREMENT, (text) => {
          refuses(() => parseRequirement(text));
          refuses(() => parseRequirementsFile(text, 'x'));
        }),
        fuzzParameters(1000),
      );
    },
    fuzzOptions(1000).timeout,
  );

  test(
    'is a version, which is read as it is written, or refused',
    () => {
      fc.assert(
        fc.property(VERSION, (text) => {
          const version = tryParseVersion(text);
          if (version === undefined) refuses(() => parseVersion(text));
          else expect(tryParseVersion(formatVersion(version))).toEqual(version);
          refuses(() => {
            satisfies(version ?? parseVersion('1'), parseSpecifierSet(`>=${text}, !=${text}`));
          });
        }),
        fuzzParameters(1000),
      );
    },
    fuzzOptions(1000).timeout,
  );

  test('is read in linear time', { timeout: 120_000 }, () => {
    // In quadratic time these would take minutes.
    for (const piece of [' ', '\t', 'a ']) refuses(() => parseRequirementsFile(piece.repeat(500_000), 'x'));
    for (const piece of [
      '1.',
      '(',
      'a[',
      ' ',
      '\\\n',
      '--',
      'a ;',
      '"',
      '1!',
      'a,',
      '<=',
      '-_.',
      'a@',
      '==1,',
      ' and ',
      '\t#',
      '$',
      '--hash ',
    ]) {
      const text = piece.repeat(5_000);
      refuses(() => parseRequirement(text));
      refuses(() => parseRequirement(`a ; ${text}`));
      refuses(() => parseRequirementsFile(text, 'x'));
      tryParseVersion(text);
      tryParseVersion(`1${text}`);
      refuses(() => parseSpecifierSet(text));
    }
  });
});
