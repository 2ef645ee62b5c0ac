// The program `pinpack`: `npx pinpack why reqset3 six`. Standard output has the answer alone.
import { runCli } from './run-cli.js';

process.exitCode = await runCli(process.argv.slice(2), process.cwd());
