// Bundles the code of the page that `report --html` writes: one script and one style for the page. The script begins with the licences of what it contains.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { licenseTexts } from './bundled-packages.mjs';

/** @param {string} plugin - the folder of the plugin */
export async function bundlePage(plugin) {
  const build = await rolldown({
    input: join(plugin, 'page/main.ts'),
    platform: 'browser',
    resolve: { conditionNames: ['@pinpack/source', 'import', 'browser', 'default'] },
    logLevel: 'warn',
  });
  const { output } = await build.generate({ format: 'iife', minify: true });
  await build.close();
  const [{ code, modules }] = output;
  const folder = join(plugin, 'dist/page');
  mkdirSync(folder, { recursive: true });
  // Either would change how the element in the page is parsed.
  if (/<(?:\/script|!--)/i.test(code)) throw new Error('the bundled script contains </script or <!--');
  writeFileSync(join(folder, 'report.js'), `${comment(licenseTexts(Object.keys(modules)))}\n${code}`);
  cpSync(join(plugin, 'page/report.css'), join(folder, 'report.css'));
}

/** @param {string[]} texts */
function comment(texts) {
  return `/*!\n${texts.join('\n\n')}\n*/`.replaceAll('</', '< /');
}
