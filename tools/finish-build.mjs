// What the compiler doesn't do: puts the target's Python into the plugin, the licence into each package, and makes the digest of the code that determines bytes.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const libs = fileURLToPath(new URL('../libs', import.meta.url));
const plugin = join(libs, 'pinpack-executors/dist');
const runtime = join(plugin, 'runtime');

rmSync(runtime, { recursive: true, force: true });
mkdirSync(runtime, { recursive: true });
cpSync(join(libs, 'pinpack-runtime/bin'), join(runtime, 'bin'), { recursive: true });
cpSync(join(libs, 'pinpack-runtime/src/pinpack_runtime'), join(runtime, 'pinpack_runtime'), {
  recursive: true,
  filter: (path) => !path.endsWith('__pycache__'),
});
for (const name of readdirSync(libs)) {
  if (existsSync(join(libs, name, 'package.json'))) cpSync(join(libs, '../LICENSE'), join(libs, name, 'LICENSE'));
}
writeFileSync(join(plugin, 'code-digest.txt'), `${digestOfCode()}\n`);
writeFileSync(join(plugin, 'image-code-digest.txt'), `${digestOfImageCode()}\n`);
writeFileSync(join(plugin, 'repository-code-digest.txt'), `${digestOfRepositoryCode()}\n`);

/** Over the compiled code of everything that has a part in the bytes of wheels and RPMs, and the versions of its libraries. */
function digestOfCode() {
  const folders = [
    'rpm-gen/dist',
    'python-dist/dist',
    'python-dist/python',
    'pinpack-executors/dist/rpm',
    'pinpack-executors/dist/application',
    'pinpack-executors/dist/executors',
    'pinpack-executors/dist/runtime',
    'pinpack-executors/python',
  ];
  return digestOf(folders.flatMap(filesBelow).filter(hasPart), ['rpm-gen', 'python-dist']);
}

/** The same over what makes images of RPMs. */
function digestOfImageCode() {
  const folders = [
    'oci-image/dist',
    'pinpack-executors/dist/image',
    'pinpack-executors/dist/executors/image',
    'pinpack-executors/src/executors/image',
    'pinpack-executors/dist/runtime',
  ];
  return digestOf(folders.flatMap(filesBelow), ['oci-image']);
}

/** The same over what makes repositories of RPMs. */
function digestOfRepositoryCode() {
  const folders = ['rpm-repo/dist', 'pinpack-executors/dist/release', 'pinpack-executors/dist/executors/repo'];
  return digestOf(folders.flatMap(filesBelow), ['rpm-gen', 'rpm-repo']);
}

function digestOf(files, libraries) {
  const hash = createHash('sha256');
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(libs, file)))
      .update('\0');
  for (const library of libraries) {
    hash.update(JSON.stringify(JSON.parse(readFileSync(join(libs, library, 'package.json'), 'utf8')).dependencies));
  }
  return hash.digest('hex');
}

/** Locking comes before; smoke tests and releases come after; images have a digest of their own. */
function hasPart(file) {
  return !/\/executors\/(?:delta|image|lock|publish|releases|repo|rollback|smoke|unlocked)\//.test(file);
}

function filesBelow(folder) {
  return readdirSync(join(libs, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:js|py)$|^pinpack-runtime$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(libs.length + 1));
}
