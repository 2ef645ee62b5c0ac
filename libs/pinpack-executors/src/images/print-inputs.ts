// Says what Nx can't see of an image's inputs, for its hash: the base, which may lie outside of the workspace or be ignored by git, and the code.
import { parseLocation, readIdentity } from '@pinpack/oci-image';
import { codeDigest } from '@pinpack/rpm-packaging';

const [base = ''] = process.argv.slice(2);

console.log(codeDigest('image'));
try {
  console.log(await readIdentity(parseLocation(base)));
} catch (error) {
  // The task itself says what is wrong.
  console.log(String(error));
}
