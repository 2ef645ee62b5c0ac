// The program `rpm-gen`: `npx @pinpack/rpm-gen inspect example.rpm`.
import { runCli } from './run-cli.js';

process.exitCode = await runCli(process.argv.slice(2));
