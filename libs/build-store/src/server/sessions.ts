// What an identity token is exchanged for: those of GitHub hold five minutes, and a run uploads at its end. A session holds for hours with
// the same scope and no more. Nothing is kept of it: it's a JWT (RFC 7519) that the server signs for itself (HS256).
import { jwtVerify, SignJWT } from 'jose';
import { SCOPE_KINDS, type Identity, type Scope } from './scope.js';

const ISSUER = 'pinpack-store';
const ALGORITHM = 'HS256';

export class Sessions {
  constructor(
    private readonly secret: Uint8Array,
    private readonly seconds: number,
    private readonly now: () => number = Date.now,
  ) {}

  async start({ name, scope }: Identity): Promise<{ token: string; expires: Date }> {
    const expires = new Date((Math.floor(this.now() / 1000) + this.seconds) * 1000);
    const token = await new SignJWT({ scope: { ...scope } })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setSubject(name)
      .setExpirationTime(expires)
      .sign(this.secret);
    return { token, expires };
  }

  /** @throws what jose throws for a token that isn't good */
  async identify(token: string): Promise<Identity | undefined> {
    const { payload } = await jwtVerify(token, this.secret, {
      issuer: ISSUER,
      algorithms: [ALGORITHM],
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(this.now()),
    });
    const scope = parseScope(payload.scope);
    return scope === undefined ? undefined : { name: payload.sub ?? '', scope };
  }

  /** Whether a token's unverified issuer is this server. */
  static isIssuer(issuer: string | undefined): boolean {
    return issuer === ISSUER;
  }
}

function parseScope(value: unknown): Scope | undefined {
  const { kind, branch } = (value ?? {}) as { kind?: unknown; branch?: unknown };
  const known = SCOPE_KINDS.find((candidate) => candidate === kind);
  if (known !== 'branch') return known === undefined ? undefined : { kind: known };
  return typeof branch === 'string' && branch !== '' ? { kind: known, branch } : undefined;
}
