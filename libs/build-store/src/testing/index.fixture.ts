// What specs of other rooms and of the workspace use too, as `@pinpack/build-store/testing`: there from the sources alone.
export { describeWithS3 } from './describe-s3.fixture.js';
export {
  S3_BUCKET,
  S3_IS_MISSING,
  S3_SHARED_PREFIX,
  startS3,
  type S3RoleName,
  type S3Server,
  type S3ServerOptions,
} from './s3-server.fixture.js';
export { startFaultProxy, type FaultProxy, type Occasion, type SeenRequest } from './fault-proxy.fixture.js';
export type { Fault } from './fault.fixture.js';
