// Session tokens, which CI systems get for their identity tokens: those of GitHub expire after five minutes, but a run uploads at its end. A
// session lasts for hours and has the same scope. It is stateless: a JWT (RFC 7519) that the server signs and verifies itself (HS256).
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Identity } from './scope.js';

const ISSUER = 'pinpack-store';
const ALGORITHM = 'HS256';

const SCOPE = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['read', 'write', 'maintain']) }),
  z.object({ kind: z.literal('branch'), branch: z.string().min(1) }),
]);

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

  /** @throws the error of jose for an invalid token */
  async identify(token: string): Promise<Identity | undefined> {
    const { payload } = await jwtVerify(token, this.secret, {
      issuer: ISSUER,
      algorithms: [ALGORITHM],
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(this.now()),
    });
    const scope = SCOPE.safeParse(payload.scope).data;
    return scope && { name: payload.sub ?? '', scope };
  }

  /** Checks the unverified issuer of a token. */
  static isIssuer(issuer: string | undefined): boolean {
    return issuer === ISSUER;
  }
}
