// Where a signing key comes from, and what an opened one can do.

export interface KeySource {
  /** Fingerprint or user id; needed unless `keyFile` holds just one. */
  key?: string | undefined;
  /** A secret key as `gpg --export-secret-keys` writes it. */
  keyFile?: string | undefined;
  /** A file whose first line is its passphrase. */
  passphraseFile?: string | undefined;
}

export interface Signer {
  /** Of the key that signs, in hex. */
  fingerprint: string;
  /** Armored. */
  publicKey: string;
  /** A binary, detached signature; the same for the same data. */
  sign: (data: Uint8Array) => Promise<Uint8Array>;
  /** An armored, detached signature. @param time - in seconds since 1970; default: a constant, so that the same data has the same signature */
  signArmored: (data: Uint8Array, time?: number) => Promise<string>;
  /** The text with its signature in one file, which `gpg --verify` reads. */
  signText: (text: string, time: number) => Promise<string>;
}
