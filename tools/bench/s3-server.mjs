// The S3 server of the specs, for benchmarks. Its fixture is TypeScript, which vitest brings a loader for.
import { createViteServer } from 'vitest/node';
import { ROOT } from './setup.mjs';

/** @returns {Promise<import('../../libs/testing/src/s3-server.ts').startS3>} */
export async function loadStartS3() {
  const vite = await createViteServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null },
  });
  const { startS3 } = await vite.ssrLoadModule('/libs/testing/src/s3-server.ts');
  await vite.close();
  return startS3;
}
