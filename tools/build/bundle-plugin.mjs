// Bundles what Nx and Node start of the plugin, so that a process loads a few files in place of six hundred modules.
// Entries are those of executors.json, generators.json and package.json, and the programs that the plugin starts itself.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';
import { licenseTexts, packageOf } from './bundled-packages.mjs';

const BUNDLE = 'dist/bundle/';
const MODULE_URL = 'pinpack-module-url';
const CONNECTIONS = '\0undici-connections';
/** The requests of stores in S3. */
const CONNECTS_ONLY = /[/\\]build-store[/\\]dist[/\\]backends[/\\]s3[/\\]dispatcher\.js$/;
const SEPARATOR = `\n\n${'-'.repeat(80)}\n\n`;
/** Programs of the plugin that it starts by path. */
const PROGRAMS = ['remote-cache/server-process', 'images/print-inputs', 'ci/main', 'cli/main'];
/** Peers are the workspace's own, native packages load a library beside their code, and CycloneDX looks for optional packages. */
const EXTERNAL = /^(nx|@nx\/devkit|@cyclonedx\/cyclonedx-library)(\/|$)/;
/** Compiled modules of this repository do nothing when they are imported, but for the entries. */
const OWN_MODULE = /[/\\]libs[/\\][^/\\]+[/\\]dist[/\\]/;

/** @param {string} folder - of the package, after tsc */
export async function bundlePlugin(folder) {
  const out = join(folder, BUNDLE);
  rmSync(out, { recursive: true, force: true });
  const input = Object.fromEntries(entries(folder).map((name) => [name, join(folder, 'dist', `${name}.js`)]));
  const programs = Object.values(input);
  const build = await rolldown({
    input,
    platform: 'node',
    external: (id) => EXTERNAL.test(id),
    // An index of a package names all of its modules, and an entry uses few of them.
    treeshake: { moduleSideEffects: (id) => !OWN_MODULE.test(id) || programs.includes(id) },
    plugins: [keepModuleUrls(), connectionsOfUndici()],
    logLevel: 'warn',
  });
  const { output } = await build.write({
    dir: out,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await build.close();
  checkExternals(folder, output);
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : []));
  writeFileSync(join(out, 'THIRD-PARTY-LICENSES.txt'), licenseTexts(modules).join(SEPARATOR));
}

/** What the bundle still imports has to be found from the plugin's own folder, wherever a package manager puts the packages of others. */
function checkExternals(folder, output) {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const declared = Object.keys({ ...dependencies, ...peerDependencies });
  const own = new Set(output.map(({ fileName }) => fileName));
  const imports = output.flatMap((chunk) =>
    chunk.type === 'chunk' ? [...chunk.imports, ...chunk.dynamicImports].filter((id) => !own.has(id)) : [],
  );
  const missing = [...new Set(imports)].filter(
    (id) => !isBuiltin(id) && !declared.some((name) => id === name || id.startsWith(`${name}/`)),
  );
  if (missing.length > 0) {
    throw new Error(`${folder}: the bundle imports ${missing.join(', ')}, which package.json does not declare`);
  }
}

/** Names of compiled modules below dist, without the ending. */
function entries(folder) {
  const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const files = [
    ...Object.values(read('executors.json').executors).flatMap((executor) => [
      executor.implementation,
      executor.batchImplementation,
    ]),
    ...Object.values(read('generators.json').generators).map(({ factory }) => factory),
    ...Object.values(read('package.json').exports).map((target) => target.default),
  ];
  const names = files
    .map((file) => file?.split('#')[0])
    .filter((file) => file?.startsWith(`./${BUNDLE}`))
    .map((file) => file.slice(`./${BUNDLE}`.length, -'.js'.length));
  return [...new Set([...names, 'index', ...PROGRAMS])];
}

/**
 * The index of undici loads fetch, WebSocket, caches and mocks, some 50 ms of processor time in each process that has a store. Connections to S3 need a part
 * of it. Other modules get the index, which shares that part.
 */
function connectionsOfUndici() {
  return {
    name: 'connections-of-undici',
    resolveId: (id, importer = '') => (id === 'undici' && CONNECTS_ONLY.test(importer) ? CONNECTIONS : undefined),
    load(id) {
      if (id !== CONNECTIONS) return undefined;
      const pathOf = (file) => JSON.stringify(createRequire(import.meta.url).resolve(`undici/lib/${file}`));
      return `import api from ${pathOf('api/index.js')};
import Dispatcher from ${pathOf('dispatcher/dispatcher.js')};
import Agent from ${pathOf('dispatcher/agent.js')};
import EnvHttpProxyAgent from ${pathOf('dispatcher/env-http-proxy-agent.js')};
Object.assign(Dispatcher.prototype, api);
export { Agent, EnvHttpProxyAgent };`;
    },
  };
}

/** Packages read data files by URLs relative to a module, which must go on naming the module's own place. */
function keepModuleUrls() {
  return {
    name: 'keep-module-urls',
    resolveId: (id) => (id === MODULE_URL ? id : undefined),
    load: (id) =>
      id === MODULE_URL
        ? `import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const { resolve } = createRequire(import.meta.url);
export const moduleUrl = (name, path) => new URL(path, pathToFileURL(resolve(name + '/package.json'))).href;`
        : undefined,
    transform(code, id) {
      if (id === MODULE_URL || id.startsWith('\0') || !code.includes('import.meta')) return undefined;
      const root = packageOf(id);
      if (root.folder.includes(`${sep}node_modules${sep}`)) {
        throw new Error(`${id}: uses import.meta, which bundling changes: name the package in EXTERNAL`);
      }
      const place = [root.name, relative(root.folder, id).split(sep).join('/')].map((text) => JSON.stringify(text));
      const replaced = code.replaceAll('import.meta.url', `moduleUrl(${place.join(', ')})`);
      return { code: `import { moduleUrl } from '${MODULE_URL}';\n${replaced}`, map: null };
    },
  };
}
