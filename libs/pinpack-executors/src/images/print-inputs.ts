// Prints the inputs of an image that Nx cannot hash: the base, which may be outside of the workspace or ignored by git, and pinpack's code.
import { parseLocation, readIdentity } from '@pinpack/oci-image';
import { codeDigest } from '@pinpack/rpm-packaging';

const [base = ''] = process.argv.slice(2);

console.log(codeDigest('image'));
try {
  console.log(await readIdentity(parseLocation(base)));
} catch (error) {
  // The task itself reports the error.
  console.log(String(error));
}
