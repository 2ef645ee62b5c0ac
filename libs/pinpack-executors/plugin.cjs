// What Nx loads. A plugin that can't be loaded breaks every nx command, so a missing build says what to run.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

if (!existsSync(join(__dirname, 'dist/index.js'))) {
  throw new Error(
    `pinpack: the plugin is not built\n  looked for ${join(__dirname, 'dist/index.js')}\n  Build it: npm run build`,
  );
}
// A copy: Nx before 22.7 adds a name to what it loads, and the namespace of an ES module is not extensible.
module.exports = { ...require('./dist/index.js') };
