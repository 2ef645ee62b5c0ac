// Starts a real S3 server for specs and benchmarks: SeaweedFS on free ports of 127.0.0.1, with a bucket and roles with different permissions.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { freePorts } from './free-ports.js';

const PROGRAM = fileURLToPath(new URL('../../../.venv-test/bin/weed', import.meta.url));
const READY_MS = 60_000;
const POLL_MS = 50;
const STARTS = 3;

export const S3_IS_MISSING = existsSync(PROGRAM)
  ? undefined
  : 'there is no S3 server to test with: tools/setup-test-servers.sh installs it';

/** The bucket that every server has, and in it the prefix below which `pullRequest` has rights. */
export const S3_BUCKET = 'pinpack-test';
export const S3_SHARED_PREFIX = 'team';

export interface S3Role {
  accessKeyId: string;
  secretAccessKey: string;
}

/** What the roles of docs/store-s3.md may do: `pullRequest` reads all, and writes below `team/v1/branch/` alone. */
const ROLES = {
  admin: ['Admin', 'Read', 'Write', 'List', 'Tagging'],
  writer: ['Read', 'Write', 'List'].map((action) => `${action}:${S3_BUCKET}`),
  reader: ['Read', 'List'].map((action) => `${action}:${S3_BUCKET}`),
  pullRequest: [`Read:${S3_BUCKET}`, `List:${S3_BUCKET}`, `Write:${S3_BUCKET}/${S3_SHARED_PREFIX}/v1/branch/*`],
};

export interface S3Server {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly pid: number;
  /** A store's URL of the bucket; the endpoint may be that of a proxy before the server. */
  url(prefix: string, endpoint?: string): string;
  /** For the SDK's usual chain, and nothing of the user's own configuration. */
  environment(role: S3RoleName): Record<string, string>;
  credentials(role: S3RoleName): S3Role;
  /** Writes an object. */
  put(key: string, body: Buffer): Promise<void>;
  /** Lets it answer nothing while its connections stay open. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Kills it and removes what it stored. */
  stop(): Promise<void>;
}

export type S3RoleName = keyof typeof ROLES;

export interface S3ServerOptions {
  /** What anybody may read without credentials, below the bucket: `published`. Default: nothing. */
  publicPrefix?: string;
}

/** Starts a server, in 4 seconds, or 11 where its parts find each other at the second attempt only. */
export async function startS3(options: S3ServerOptions = {}): Promise<S3Server> {
  if (S3_IS_MISSING !== undefined) throw new Error(S3_IS_MISSING);
  for (let start = 1; ; start++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (start === STARTS) throw error;
    }
  }
}

async function startOnce(options: S3ServerOptions): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-s3-'));
  const ports = await freePorts(8);
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const child = await spawnServer(folder, ports, options);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    // SIGTERM is unfinished after five seconds; there is nothing to save.
    if (child.exitCode === null && child.signalCode === null) {
      kill();
      await once(child, 'exit');
    }
    await removeTraces(folder, ports);
  };
  try {
    await waitUntilReady(child, endpoint, folder);
    await prepareBucket(endpoint);
  } catch (error) {
    await stop();
    throw error;
  }
  return s3Server(child, endpoint, stop);
}

function s3Server(child: ChildProcess, endpoint: string, stop: () => Promise<void>): S3Server {
  return {
    endpoint,
    pid: child.pid ?? 0,
    url: (prefix, through = endpoint) =>
      `s3://${S3_BUCKET}/${prefix}?region=us-east-1&pathStyle=true&endpoint=${encodeURIComponent(through)}`,
    environment: (role) => s3Environment(credentialsOf(role)),
    credentials: credentialsOf,
    put: (key, body) => putObject(endpoint, key, body),
    freeze: async () => {
      child.kill('SIGSTOP');
      while (!(await isStopped(child.pid ?? 0))) await wait(1);
    },
    thaw: () => child.kill('SIGCONT'),
    stop,
  };
}

async function putObject(endpoint: string, key: string, body: Buffer): Promise<void> {
  const credentials = credentialsOf('admin');
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  try {
    await client.send(new PutObjectCommand({ Bucket: S3_BUCKET, Key: key, Body: body }));
  } finally {
    client.destroy();
  }
}

function s3Environment({ accessKeyId, secretAccessKey }: S3Role): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}

function credentialsOf(role: S3RoleName): S3Role {
  return { accessKeyId: `${role}-id`, secretAccessKey: `${role}-secret` };
}

async function spawnServer(folder: string, ports: number[], { publicPrefix }: S3ServerOptions): Promise<ChildProcess> {
  const config = join(folder, 's3.json');
  const identities = Object.entries(ROLES).map(([role, actions]) => {
    const { accessKeyId, secretAccessKey } = credentialsOf(role as S3RoleName);
    return { name: role, credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }], actions };
  });
  const anonymous =
    publicPrefix === undefined ? [] : [{ name: 'anonymous', actions: [`Read:${S3_BUCKET}/${publicPrefix}/*`] }];
  await writeFile(config, JSON.stringify({ identities: [...identities, ...anonymous] }));
  const log = await open(join(folder, 'log'), 'w');
  try {
    // It dies with who started it, however that dies: a spec's worker may be killed.
    return spawn('setpriv', ['--pdeathsig', 'KILL', PROGRAM, ...serverArguments(folder, config, ports)], {
      // Encryption with the server's own key (SSE-S3) needs one.
      env: { PATH: process.env.PATH, HOME: folder, WEED_S3_SSE_KEK: '5e'.repeat(32) },
      stdio: ['ignore', 'ignore', log.fd],
    });
  } finally {
    await log.close();
  }
}

function serverArguments(folder: string, config: string, ports: number[]): string[] {
  const [s3, s3Grpc, master, masterGrpc, volume, volumeGrpc, filer, filerGrpc] = ports;
  return [
    ...['-logtostderr=true', 'server', `-dir=${folder}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1'],
    ...['-master.telemetry=false', '-master.volumeSizeLimitMB=1024', '-volume.max=0'],
    ...[`-master.port=${master}`, `-master.port.grpc=${masterGrpc}`],
    ...[`-volume.port=${volume}`, `-volume.port.grpc=${volumeGrpc}`],
    ...['-filer', `-filer.port=${filer}`, `-filer.port.grpc=${filerGrpc}`, `-filer.localSocket=${folder}/filer.sock`],
    ...['-s3', `-s3.port=${s3}`, `-s3.port.grpc=${s3Grpc}`, '-s3.port.iceberg=0', '-s3.port.lance=0'],
    `-s3.config=${config}`,
  ];
}

async function waitUntilReady(child: ChildProcess, endpoint: string, folder: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await answers(`${endpoint}/healthz`))) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null || Date.now() > deadline) {
      const log = (await readFile(join(folder, 'log'), 'utf8')).split('\n').slice(-20).join('\n');
      throw new Error(`SeaweedFS ${ended === null ? 'is not ready in time' : `ended with ${ended}`}\n${log}`);
    }
    await wait(POLL_MS);
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** A signal to stop reaches one thread after the other. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')));
  return stats.every((stat) => stat.includes(') T '));
}

/** Waits until an object can be written: the server reports itself healthy up to 7 seconds earlier. */
async function prepareBucket(endpoint: string): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: credentialsOf('admin'),
  });
  try {
    const probe = { Bucket: S3_BUCKET, Key: 'probe' };
    await client.send(new CreateBucketCommand({ Bucket: S3_BUCKET }));
    await client.send(new PutObjectCommand({ ...probe, Body: 'can be written' }));
    await client.send(new DeleteObjectCommand(probe));
  } finally {
    client.destroy();
  }
}

/** Removes its sockets, too: it always creates them in /tmp. */
async function removeTraces(folder: string, ports: number[]): Promise<void> {
  const kinds = ['s3', 's3-grpc', 'master-grpc', 'volume-grpc', 'filer-grpc'];
  const sockets = ports.flatMap((port) => kinds.map((kind) => `/tmp/seaweedfs-${kind}-${port}.sock`));
  await Promise.all(sockets.map((socket) => rm(socket, { force: true })));
  await rm(folder, { recursive: true, force: true });
}
