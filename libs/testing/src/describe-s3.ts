// Specs that need the real S3 server: without it they fail in CI, and are skipped elsewhere with the command that installs it.
import { describe } from 'vitest';
import { S3_IS_MISSING } from './s3-server.js';

export function describeWithS3(name: string, body: () => void): void {
  // In CI they run all the same: starting the server then fails and says what to do.
  if (S3_IS_MISSING === undefined || process.env.CI !== undefined) describe(name, body);
  else describe.skip(`${name} (${S3_IS_MISSING})`, body);
}
