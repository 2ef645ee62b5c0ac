/** `@pinpack/build-store/object-storage`: object storage in a folder and on S3, for packages that keep objects of their own beside the store. */
export type { Attempt, ObjectContent } from './backends/backend.js';
export { CLAIMS, FolderBackend } from './backends/folder-backend.js';
export { S3Backend } from './backends/s3-backend.js';
export { attempts } from './backends/s3/attempts.js';
export { readWhole } from './backends/s3/connection.js';
export { totalMs, type Deadline, type S3Limits } from './backends/s3/limits.js';
export {
  headerOf,
  isChecksumMismatch,
  isMissing,
  isPreconditionFailed,
  S3ResponseError,
  storeErrorOf,
} from './backends/s3/response-error.js';
export { undefinedIfMissing } from './backends/s3/undefined-if-missing.js';
export { copyObject } from './backends/s3/copy-object.js';
export { checksumOf, encryptionHeaders, upload } from './backends/s3/upload.js';
export { withClaim } from './content/claim.js';
export { digestOfFile, localFailed, receiveFile } from './content/digest.js';
export { removeLeftovers } from './store/remove-leftovers.js';
