// Loads the specs' S3 server for the benchmarks. It is a TypeScript fixture, which Vite compiles.
import { createViteServer } from 'vitest/node';
import { ROOT } from './files.mjs';

const FIXTURE = '/libs/testing/src/s3-server.ts';

/** @returns {Promise<import('../../libs/testing/src/s3-server.ts').startS3>} */
export async function loadStartS3() {
  const vite = await createViteServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null },
  });
  const { startS3 } = await vite.ssrLoadModule(FIXTURE);
  await vite.close();
  return startS3;
}
