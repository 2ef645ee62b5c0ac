// Digests the code that determines an output's bytes: the import closure of an entry file, bundled by rolldown. Comments, formatting and unused
// exports leave no trace. Data files count too: every `new URL('…', import.meta.url)` of the closure. Dependencies count by name and version.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import ts from 'typescript';

/**
 * @param {string} entry - path of a compiled module
 * @param {string} root - the workspace's root: file names are relative to it
 * @returns {Promise<string>} sha256 in hex
 */
export async function codeDigest(entry, root) {
  const { code, modules, externals } = await bundle(entry);
  const hash = createHash('sha256');
  const add = (name, content) => hash.update(`${name}\0${content.length}\0`).update(content);
  add('code', Buffer.from(code));
  const data = modules.flatMap(dataFiles).sort();
  for (const file of new Set(data)) add(relative(root, file), readFileSync(file));
  for (const name of externals) add(name, Buffer.from(version(name, entry)));
  return hash.digest('hex');
}

/** The modules of the closure that leave code in the bundle, and the packages that it imports. */
async function bundle(entry) {
  const externals = new Set();
  const build = await rolldown({
    input: entry,
    platform: 'node',
    external: (id) => {
      if (id.startsWith('.') || id.startsWith('/') || id.startsWith('@pinpack/')) return false;
      if (!isBuiltin(id)) externals.add(packageName(id));
      return true;
    },
    treeshake: { moduleSideEffects: false },
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'es', minify: { compress: false, mangle: false, codegen: true } });
  await build.close();
  const chunks = output.filter(({ type }) => type === 'chunk');
  const modules = chunks.flatMap((chunk) =>
    Object.entries(chunk.modules).flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? [id] : [])),
  );
  // The names of chunks hold digests of their own, of no interest here.
  const code = chunks.map((chunk) => chunk.code).join('\n');
  return { code, modules, externals: [...externals].sort() };
}

/** Files that a module reads by a URL relative to itself; a folder stands for all the files in it. */
function dataFiles(module) {
  const text = readFileSync(module, 'utf8');
  // Most modules have no import.meta, and parsing takes most of the time.
  if (!/\bmeta\b/.test(text)) return [];
  const source = ts.createSourceFile(module, text, ts.ScriptTarget.ES2022, true);
  const found = [];
  const visit = (node) => {
    const url = urlArguments(node, source);
    if (url !== undefined) {
      found.push(resolveData(url, module, source));
      return;
    }
    if (ts.isMetaProperty(node) && ts.isPropertyAccessExpression(node.parent)) {
      throw new Error(
        `${module}: ${node.parent.getText(source)} outside of new URL('…', import.meta.url): the code digest cannot follow it`,
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.flatMap(filesOf);
}

/** The first argument of `new URL(…, import.meta.url)`. */
function urlArguments(node, source) {
  if (!ts.isNewExpression(node) || node.expression.getText(source) !== 'URL') return undefined;
  const [path, base] = node.arguments ?? [];
  return base?.getText(source) === 'import.meta.url' ? path : undefined;
}

function resolveData(path, module, source) {
  if (!ts.isStringLiteralLike(path)) {
    throw new Error(
      `${module}: new URL(${path.getText(source)}, import.meta.url) is no literal, so the code digest cannot include the file`,
    );
  }
  const file = fileURLToPath(new URL(path.text, pathToFileURL(module)));
  if (!existsSync(file)) throw new Error(`${module}: reads ${path.text}, which does not exist`);
  return file;
}

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function packageName(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The version that is installed. */
function version(name, entry) {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).version;
  }
  return JSON.parse(readFileSync(createRequire(entry).resolve(`${name}/package.json`), 'utf8')).version;
}
