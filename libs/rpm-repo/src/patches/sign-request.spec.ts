/** Signatures of `pinpack-runtime fetch` for the GET requests of the S3 documentation, "Authenticating Requests: Using the Authorization Header", that have no header of their own. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../../pinpack-dnf/src', import.meta.url));
const SIGN = `
import sys
sys.path.insert(0, sys.argv[1])
from pinpack_fetch.s3 import Credentials, make_signer
credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "")
print(make_signer(credentials, "us-east-1", lambda: 1369353600)(sys.argv[2])["authorization"])
`;

it.each([
  ['lifecycle=', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('signs /?%s as documented', async (query, signature) => {
  const url = `https://examplebucket.s3.amazonaws.com/?${query}`;
  const { stdout } = await execa('python3', ['-IBSc', SIGN, SOURCES, url]);
  const scope = '20130524/us-east-1/s3/aws4_request';
  expect(stdout).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
  );
});
