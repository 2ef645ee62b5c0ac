// Bundles modules that every nx command loads into one file, with those of other packages of the workspace: loading hundreds of files takes half a second, and most of
// them are not used. Dependencies from npm are not bundled, and neither is what is imported dynamically.
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/** Errors are recognized by this class, also those of modules outside of the bundle. */
const SHARED = '@pinpack/common/coded-error';

/**
 * @param {string} libs - the folder of the packages
 * @param {string} owner - the package's folder below it
 * @param {Record<string, string>} entries - compiled modules below `dist`, by the name of their bundle in `dist/bundle`
 */
export async function bundle(libs, owner, entries) {
  const dist = join(libs, owner, 'dist');
  const folder = join(dist, 'bundle');
  const build = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, join(dist, entry)])),
    platform: 'node',
    external: (id) => id === SHARED || !/^[./]|^@pinpack\//.test(id),
    treeshake: { moduleSideEffects: (id) => Object.values(entries).some((entry) => id === join(dist, entry)) },
    plugins: [leaveDynamicImports(folder), locateDataFiles(libs, owner)],
  });
  const { output } = await build.write({ dir: folder, format: 'es', cleanDir: true });
  await build.close();
  checkDependencies(join(libs, owner, 'package.json'), output);
}

/** A package manager may install the dependencies of other packages where the bundle does not find them. */
function checkDependencies(manifest, output) {
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
  const imported = output.flatMap(({ imports = [], dynamicImports = [] }) => [...imports, ...dynamicImports]);
  const packages = imported.filter(
    (id) => !id.startsWith('.') && !isBuiltin(id) && !output.some(({ fileName }) => fileName === id),
  );
  const missing = packages.filter(
    (id) => !Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`)),
  );
  if (missing.length > 0)
    throw new Error(`${manifest}: the bundle imports ${missing.join(', ')}, which is no dependency`);
}

/** Its own modules are found by their paths; those of other packages have no path that holds after installation. */
function leaveDynamicImports(folder) {
  return {
    name: 'leave-dynamic-imports',
    resolveDynamicImport(specifier, importer) {
      if (typeof specifier !== 'string') return undefined;
      if (!specifier.startsWith('.')) return { id: specifier, external: true };
      const module = join(dirname(importer), specifier);
      const path = relative(folder, module);
      return path.startsWith('../../../') ? undefined : { id: path, external: 'relative' };
    },
  };
}

/** Modules read the data files of their package by a URL relative to themselves. The bundle is as deep as the modules of its own package. */
function locateDataFiles(libs, owner) {
  return {
    name: 'locate-data-files',
    transform(code, id) {
      const [, other = '', path = ''] = new RegExp(`^${libs}/([^/]+)/(.*)$`).exec(id) ?? [];
      if (other === '' || other === owner || !code.includes('import.meta.url')) return undefined;
      const manifest = `createRequire(import.meta.url).resolve('@pinpack/${other}/package.json')`;
      const url = `new URL('${path}', pathToFileURL(${manifest}))`;
      return [
        `import { createRequire } from 'node:module';`,
        `import { pathToFileURL } from 'node:url';`,
        code.replaceAll('import.meta.url', url),
      ].join('\n');
    },
  };
}
