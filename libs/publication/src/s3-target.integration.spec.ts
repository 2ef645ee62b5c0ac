import { afterAll, beforeAll } from 'vitest';
import { describeWithS3, startS3, type S3Server } from '@pinpack/testing';
import { openTarget } from './open-publications.js';
import { describePublication } from './publications.fixture.js';

describeWithS3('publications in S3', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());

  describePublication('a bucket', () =>
    openTarget(server.url('published'), { environment: server.environment('writer') }),
  );
});
