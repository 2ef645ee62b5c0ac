/** Signatures of RPMs and metadata by OpenPGP keys: of a file, in memory, or of the user's own gpg. */
import { openKeyFile } from './file-key.js';
import { openGpgKey } from './gpg-signer.js';
import type { KeySource, Signer } from './signing-key.js';

export type { KeySource, Signer } from './signing-key.js';

/** Lets `use` sign. A key of a file is in the memory of this process alone. @throws RepoError `REPO_KEY_UNUSABLE`, `REPO_PROGRAM_MISSING` */
export async function withSigner<Result>(source: KeySource, use: (signer: Signer) => Promise<Result>): Promise<Result> {
  const { keyFile } = source;
  return use(keyFile === undefined ? await openGpgKey(source) : await openKeyFile({ ...source, keyFile }));
}
