import { writeFile } from 'node:fs/promises';
import { rolldown } from 'rolldown';

/** Writes one module that exports everything of compiled ones and needs no other file, for processes that start often, or that cannot read this folder. */
export async function bundleCompiled(modules: readonly string[], file: string): Promise<void> {
  const entry = `${file}.entry.mjs`;
  await writeFile(entry, modules.map((module) => `export * from ${JSON.stringify(module)};`).join('\n'));
  const build = await rolldown({ input: entry, platform: 'node', logLevel: 'warn' });
  await build.write({ file, codeSplitting: false });
  await build.close();
}
