// pinpack-store keygen: generates key pairs for signing entries, and tokens of the standalone server.
import { open } from 'node:fs/promises';
import { generateSigningKeys } from '../entry/signature.js';
import { StoreError } from '../store-error.js';
import { EXIT, parseWords, UsageError, type Command, type Terminal } from './command.js';

const HELP = `pinpack-store keygen signing --out FILE [--json]
pinpack-store keygen token [--json]

signing  makes an Ed25519 pair: writes the private key to a new file that only you can read, and prints the public one,
         for "publicKeys" of the plugin's options in nx.json and of the server's configuration
token    makes a token for the standalone server, and prints it, this once, with its sha256 for the server's configuration

  --out FILE   of the private key; never replaced
  --json       prints JSON

Exit codes: 0 made, 1 the file is there already or can't be written, 2 invalid usage.
`;

const OWNER_ALONE = 0o600;

export const KEYGEN: Command = {
  name: 'keygen',
  summary: 'makes keys that sign entries, and tokens of the server',
  help: HELP,
  async run(args, terminal) {
    const options = { out: { type: 'string' }, json: { type: 'boolean', default: false } } as const;
    const { values, words } = parseWords(args, options, ['signing|token']);
    if (words[0] === 'signing') return makeKeys(values.out, values.json, terminal);
    if (words[0] !== 'token')
      throw new UsageError(`"${words[0] ?? ''}" cannot be generated, expected signing or token`);
    if (values.out !== undefined) throw new UsageError('--out is for signing: a token is printed');
    return makeToken(values.json, terminal);
  },
};

async function makeKeys(file: string | undefined, isJson: boolean, { out }: Terminal): Promise<number> {
  if (file === undefined) throw new UsageError('expected --out FILE, for the private key');
  const { privateKey, publicKey, keyId } = generateSigningKeys();
  await writeNew(file, privateKey);
  if (isJson) out(`${JSON.stringify({ file, publicKey, keyId })}\n`);
  else {
    out(`key ${keyId}\n`);
    out(`  private  ${file}, for PINPACK_STORE_SIGNING_KEY_FILE of trusted runs: keep it secret\n`);
    out(`  public   ${publicKey}, for "publicKeys"\n`);
  }
  return EXIT.good;
}

async function makeToken(isJson: boolean, { out }: Terminal): Promise<number> {
  const { generateToken } = await import('../server/tokens.js');
  const { token, sha256 } = generateToken();
  if (isJson) out(`${JSON.stringify({ token, sha256 })}\n`);
  else {
    out(`token   ${token}\n`);
    out(`        for PINPACK_STORE_TOKEN of whom it's for: it's shown this once\n`);
    out(`sha256  ${sha256}\n`);
    out(`        for the server's configuration: {"name": "…", "sha256": "${sha256}", "scope": "read"}\n`);
  }
  return EXIT.good;
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', OWNER_ALONE);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const found = isThere
      ? 'the file exists, and keys are never replaced\n  Choose another --out'
      : (cause as Error).message;
    throw new StoreError('STORE_LOCAL_FAILED', file, found, { cause });
  }
}
