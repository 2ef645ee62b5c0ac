// What the compiler leaves to do: copies the server's Python into rpm-packaging and the licence into each package, writes the code digests, and bundles
// the plugin and the page of its reports.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePage } from './bundle-page.mjs';
import { bundlePlugin } from './bundle-plugin.mjs';
import { codeDigest } from './code-digest.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const libs = join(root, 'libs');

copyRuntime(join(libs, 'rpm-packaging/dist/runtime'));
for (const name of readdirSync(libs)) {
  if (existsSync(join(libs, name, 'package.json'))) cpSync(join(root, 'LICENSE'), join(libs, name, 'LICENSE'));
}
await bundlePage(join(libs, 'pinpack-executors'));
await writeDigests();
await bundlePlugin(join(libs, 'pinpack-executors'));

function copyRuntime(runtime) {
  rmSync(runtime, { recursive: true, force: true });
  mkdirSync(runtime, { recursive: true });
  for (const [library, name] of [
    ['pinpack-runtime', 'pinpack_runtime'],
    ['pinpack-dnf', 'pinpack_patch'],
    ['pinpack-dnf', 'pinpack_dnf5'],
    ['pinpack-dnf', 'pinpack_fetch'],
  ]) {
    cpSync(join(libs, library, 'bin'), join(runtime, 'bin'), { recursive: true });
    cpSync(join(libs, library, 'src', name), join(runtime, name), {
      recursive: true,
      filter: (path) => basename(path) !== '__pycache__' && (!basename(path).includes('.') || path.endsWith('.py')),
    });
  }
  cpSync(join(root, 'LICENSE'), join(runtime, 'LICENSE'));
  cpSync(join(libs, 'pinpack-runtime/selinux'), join(runtime, 'selinux'), { recursive: true });
  cpSync(join(libs, 'pinpack-dnf/plugins'), join(runtime, 'plugins'), { recursive: true });
}

/** One digest for each file of `outputs`, one for repositories and one for patches. */
async function writeDigests() {
  const outputs = join(libs, 'rpm-packaging/dist/outputs');
  const entries = readdirSync(outputs).filter((name) => name.endsWith('.js'));
  const digests = await Promise.all(
    entries.map(async (name) => [basename(name, '.js'), await codeDigest(join(outputs, name), root)]),
  );
  const text = `${JSON.stringify(Object.fromEntries(digests), undefined, 2)}\n`;
  writeFileSync(join(dirname(outputs), 'code-digests.json'), text);
  const repository = await codeDigest(join(libs, 'rpm-repo/dist/write-repository.js'), root);
  writeFileSync(join(libs, 'rpm-repo/dist/code-digest.txt'), `${repository}\n`);
  const patches = await codeDigest(join(libs, 'rpm-repo/dist/patches/encode-patch.js'), root);
  writeFileSync(join(libs, 'rpm-repo/dist/patch-code-digest.txt'), `${patches}\n`);
}
