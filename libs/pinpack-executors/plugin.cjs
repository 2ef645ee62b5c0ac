// The module that Nx loads. A plugin that cannot be loaded breaks every nx command, so each known cause has a message with the next step.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

if (!existsSync(join(__dirname, 'dist/bundle/index.js'))) {
  throw new Error(
    `pinpack: the plugin is not built\n  looked for ${join(__dirname, 'dist/bundle/index.js')}\n  Build it: npm run build`,
  );
}
// Nx loads plugins by `require`, which older Node versions refuse for an ES module.
if (!process.features.require_module) {
  throw new Error(
    `pinpack: Node ${process.versions.node} is not supported\n  expected ${require('./package.json').engines.node}\n  Install a supported version of Node`,
  );
}
// A copy: Nx before 22.7 adds a name to what it loads, and the namespace of an ES module is not extensible.
module.exports = { ...require('./dist/bundle/index.js') };
