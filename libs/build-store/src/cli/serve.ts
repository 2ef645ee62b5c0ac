// pinpack-store serve: the standalone server in the foreground.
import { EXIT, parseWords, type Command } from './command.js';

const HELP = `pinpack-store serve [--config FILE] [--check]

Serves a store to those who have a token: by Nx's self-hosted cache protocol, and to pinpack.

  --config FILE   the configuration, in JSON (docs/store-server.md); pinpack-store.json by default
  --check         reads the configuration and what it names, and doesn't serve

Signals: SIGTERM and SIGINT finish what is in flight and end; SIGHUP reads tokens, issuers and the certificate again.
Exit codes: 0 ended, 1 the deadline cut requests off or the store failed, 2 the configuration can't be used.
`;

export const SERVE: Command = {
  name: 'serve',
  summary: 'serves a store to those who have a token',
  help: HELP,
  async run(args, { out, environment, signals }) {
    const { values } = parseWords(args, { config: { type: 'string' }, check: { type: 'boolean' } });
    const file = values.config ?? 'pinpack-store.json';
    const { checkServer, runServer } = await import('../server/run-server.js');
    if (values.check !== true) return runServer({ file, environment, signals });
    out(`${await checkServer(file, environment)}\n`);
    return EXIT.good;
  },
};
