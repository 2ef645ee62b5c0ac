// Makes a build root of a distribution's packages, by debootstrap or dnf. Both run the packages' scripts as root, as any installation of them does.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure, findOnPath, readProgram, runProgram, type Requirement } from '@pinpack/common/program';
import { sha256Of } from '@pinpack/common/digest';
import { PinpackError } from '../pinpack-error.js';
import type { MadeRoot } from './root-cache.js';
import { rootSubject, type Debootstrap, type Dnf, type RootSetting } from '../workspace/root-setting.js';

export type Recipe = Exclude<RootSetting, string>;

/** @param folder - empty. @throws PinpackError `PINPACK_BUILD_ROOT_FAILED` */
export async function makeRecipeRoot(recipe: Recipe, folder: string): Promise<MadeRoot> {
  const subject = rootSubject(recipe);
  if (process.getuid?.() !== 0) {
    throw new PinpackError('PINPACK_BUILD_ROOT_FAILED', subject, [
      'a root is made of packages only by root, because their scripts set owners',
      'Run lock once as root, or name an image instead: it needs no rights.',
    ]);
  }
  const packages =
    'dnf' in recipe
      ? await installDnf(subject, recipe.dnf, folder)
      : await installDebian(subject, recipe.debootstrap, folder);
  for (const path of ['var/cache', 'var/lib/apt/lists', 'var/log', 'dev'])
    await rm(join(folder, path), { recursive: true, force: true });
  return { digest: digestPackages(recipe, packages), environment: {} };
}

/** Files differ on every installation (bytecode, indexes), so the packages are the identity. */
function digestPackages(recipe: Recipe, packages: readonly string[]): string {
  const kind = 'dnf' in recipe ? 'rpm' : 'deb';
  return `sha256:${sha256Of(`pinpack build root of packages 1\n${kind}\n${[...packages].sort().join('\n')}`)}`;
}

async function installDebian(
  subject: string,
  { suite, mirror, packages, keyring }: Debootstrap,
  folder: string,
): Promise<string[]> {
  const needed = { program: 'debootstrap', debian: 'debootstrap', fedora: 'debootstrap' };
  const include = packages.length === 0 ? [] : [`--include=${packages.join(',')}`];
  const trust = keyring === undefined ? [] : [`--keyring=${keyring}`];
  await run(subject, needed, ['--variant=minbase', ...include, ...trust, suite, folder, mirror]);
  const status = await readFile(join(folder, 'var/lib/dpkg/status'), 'utf8');
  return status.split('\n\n').flatMap((paragraph) => {
    const [name, version, architecture] = ['Package', 'Version', 'Architecture'].map(
      (field) => new RegExp(`^${field}: (.*)$`, 'm').exec(paragraph)?.[1],
    );
    return name === undefined ? [] : [`${name} ${version ?? ''} ${architecture ?? ''}`];
  });
}

async function installDnf(
  subject: string,
  { releasever, repositories, packages, keys = [] }: Dnf,
  folder: string,
): Promise<string[]> {
  const needed = { program: 'dnf', debian: 'dnf', fedora: 'dnf' };
  const settings = `${folder}.conf`;
  const isSigned = keys.length > 0;
  const sections = Object.entries(repositories).map(([name, url]) =>
    [
      `[${name}]`,
      `name=${name}`,
      `baseurl=${url}`,
      `gpgcheck=${isSigned ? 1 : 0}`,
      ...(isSigned ? [`gpgkey=${keys.join(' ')}`] : []),
      '',
    ].join('\n'),
  );
  await writeFile(
    settings,
    [
      '[main]',
      'install_weak_deps=0',
      'tsflags=nodocs',
      'reposdir=/dev/null',
      `cachedir=${folder}.cache`,
      '',
      ...sections,
    ].join('\n'),
  );
  try {
    const words = ['--config', settings, '--installroot', folder, '--releasever', releasever, '--assumeyes', 'install'];
    await run(subject, needed, [...words, ...packages]);
    const format = '%{NAME} %{EVR} %{ARCH} %{SHA256HEADER}\n';
    return (await readProgram('rpm', ['--root', folder, '-qa', '--qf', format]))
      .split('\n')
      .filter((line) => line !== '');
  } finally {
    await rm(settings, { force: true });
    await rm(`${folder}.cache`, { recursive: true, force: true });
  }
}

/** @throws PinpackError `PINPACK_BUILD_ROOT_FAILED` */
export async function run(
  subject: string,
  { program, debian, fedora }: Requirement,
  words: readonly string[],
): Promise<string> {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  if ((await findOnPath(program, path)) === undefined) {
    throw new PinpackError('PINPACK_BUILD_ROOT_FAILED', subject, [
      `${program}, which it is made with, is not installed`,
      `Install it (Debian: ${debian}, Fedora: ${fedora}).`,
    ]);
  }
  const result = await runProgram(program, words, { env: { PATH: path } });
  if (!result.failed) return result.stdout;
  throw new PinpackError('PINPACK_BUILD_ROOT_FAILED', subject, [
    `${program} could not make the root`,
    describeFailure(result),
    'Check its name, the network and the access to the registry or mirror.',
  ]);
}
