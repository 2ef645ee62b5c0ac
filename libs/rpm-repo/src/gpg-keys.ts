/** Parses the output of `gpg --with-colons --list-secret-keys` (GnuPG, "DETAILS") and chooses the signing key. Pure. */
import { RepoError } from './repo-error.js';

export interface SecretKey {
  /** In hex. */
  fingerprint: string;
  /** Seconds since 1970. */
  created: number;
  isPrimary: boolean;
  /** `e` expired, `r` revoked, `d` disabled, `i` invalid, or how far it's trusted. */
  validity: string;
  canSign: boolean;
  /** The secret is here or on a card. */
  isThere: boolean;
}

export function parseSecretKeys(listing: string): SecretKey[] {
  const keys: SecretKey[] = [];
  for (const line of listing.split('\n')) {
    const [type, validity = '', , , , created = '', , , , fingerprint = '', , capabilities = '', , , secret = ''] =
      line.split(':');
    const last = keys.at(-1);
    if (type === 'sec' || type === 'ssb') {
      keys.push({
        fingerprint: '',
        created: Number(created),
        isPrimary: type === 'sec',
        validity,
        // Capital letters are those of the key as a whole.
        canSign: capabilities.includes('s'),
        isThere: secret !== '#',
      });
    } else if (type === 'fpr' && last?.fingerprint === '') last.fingerprint = fingerprint;
  }
  return keys;
}

const UNUSABLE: Record<string, string> = {
  e: 'has expired',
  r: 'was revoked',
  d: 'is disabled',
  i: 'is invalid',
};

/** The primary key where it can sign, or its newest subkey that can. @throws RepoError `REPO_KEY_UNUSABLE` */
export function signingKey(keys: readonly SecretKey[], subject: string): SecretKey {
  const primaries = keys.filter(({ isPrimary }) => isPrimary);
  if (primaries.length > 1) {
    const found = primaries.map(({ fingerprint }) => fingerprint).join(', ');
    throw new RepoError('REPO_KEY_UNUSABLE', subject, [
      `matches several keys: ${found}`,
      'Name one by its fingerprint.',
    ]);
  }
  const signing = keys.filter(({ canSign, isThere, validity }) => canSign && isThere && !(validity in UNUSABLE));
  const [best] = signing.sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary) || b.created - a.created);
  if (best !== undefined) return best;
  const reasons = keys.map(({ fingerprint, ...key }) => `${fingerprint} ${reasonAgainst(key)}`);
  throw new RepoError('REPO_KEY_UNUSABLE', subject, ['has no key that signs', ...reasons]);
}

function reasonAgainst({ validity, canSign, isThere }: Omit<SecretKey, 'fingerprint'>): string {
  if (!canSign) return 'is not for signing';
  return UNUSABLE[validity] ?? (isThere ? 'is unusable' : 'has its secret elsewhere');
}
