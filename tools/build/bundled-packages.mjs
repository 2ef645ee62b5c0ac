// The packages whose code is in a bundle, with the texts of their licences, which have to be passed on.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const LICENSE_FILE = /^(licen[cs]e|notice|copying)(\.(md|txt))?$/i;
/** Published without a licence file; their name and licence have to do. */
const WITHOUT_TEXT = /^(@aws-sdk\/.*|spdx-exceptions|spdx-license-ids)$/;

/** The package that a module is in: name, version, license, folder. @param {string} id - path of the module */
export function packageOf(id) {
  let folder = dirname(id);
  // Some packages have manifests without a name in folders that only set the type of modules.
  for (;;) {
    const manifest = join(folder, 'package.json');
    const { name, version, license } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
    if (name !== undefined && version !== undefined) return { name, version, license, folder };
    folder = dirname(folder);
  }
}

/**
 * One text for each package of others, sorted by their names.
 *
 * @param {string[]} modules - of the bundle
 */
export function licenseTexts(modules) {
  const packages = new Map();
  for (const id of modules.filter((name) => name.includes(`${sep}node_modules${sep}`))) {
    const found = packageOf(id.replace(/^\0/, ''));
    packages.set(`${found.name} ${found.version}`, found);
  }
  return [...packages]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, { name, folder, license }]) => {
      const files = readdirSync(folder).filter((file) => LICENSE_FILE.test(file));
      if (files.length === 0 && !WITHOUT_TEXT.test(name))
        throw new Error(`${folder}: has no licence file, which the bundle has to contain`);
      const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
      return [`${title} (${license})`, ...texts].join('\n\n');
    });
}
