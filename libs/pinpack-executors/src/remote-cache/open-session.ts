// Opens the session before the tasks: creates the run's folder, and starts a process that serves Nx's client and uploads. It is a separate process because the
// daemon may end during the run (a changed lock file is enough), and an isolated plugin worker ends with the first of two runs; either would fail the other run.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isProxy } from 'node:util/types';
import type { PreTasksExecutionContext } from '@nx/devkit';
import { findDaemonClient, isAlive, isUnderDaemon, type Client } from './client-process.js';
import { clientEnvironment, type Environment, type RunPlan } from './plan-run.js';
import { makeRunFolder, readSession, writeSession, type Session } from './run-folder.js';

const SERVER = fileURLToPath(new URL('../../dist/bundle/remote-cache/server-process.js', import.meta.url));

let lastTurn: Promise<void> = Promise.resolve();

/**
 * Opens a session for a run and announces it in the environment of the run.
 *
 * Nx replaces `process.env` by a proxy to record what a hook writes. Under the daemon two runs that begin at the same time nest their proxies, and
 * the writes of the second would reach the first. So a turn waits for nothing outside of this process, and the next begins after Nx has read
 * the writes of the last.
 *
 * @param environment - `process.env` at the time of the hook
 */
export async function openSession(plan: RunPlan, run: Run, environment: Environment): Promise<void> {
  const turn = lastTurn.then(() => open(plan, run, environment));
  lastTurn = turn.catch(() => undefined).then(() => setImmediate());
  return turn;
}

type Run = Pick<PreTasksExecutionContext, 'id' | 'argv' | 'workspaceRoot'>;

async function open(plan: RunPlan, run: Run, environment: Environment): Promise<void> {
  if (isWithinRun(environment)) return;
  const folder = makeRunFolder(run.id, environment);
  if (folder === undefined) return;
  const client = findClient(run, environment);
  const session = sessionOf(plan, client, run.argv);
  const server = await startServer(folder, session, serverEnvironment(environment, client));
  announce(environment, {
    PINPACK_STORE_RUN: folder,
    ...(plan.servesNx && clientEnvironment(server.url, server.token, environment)),
  });
}

/** A task may call nx: the inner run uses the session of the outer one. */
function isWithinRun({ PINPACK_STORE_RUN: folder = '' }: Environment): boolean {
  const session = folder === '' ? undefined : readSession(folder);
  return session !== undefined && isAlive(session.server.pid);
}

function findClient({ argv, workspaceRoot }: Run, environment: Environment): Client {
  if (isUnderDaemon(environment)) return findDaemonClient(argv, workspaceRoot);
  return { pids: ['NX_PLUGIN_WORKER' in globalThis ? process.ppid : process.pid], environment };
}

function sessionOf(
  plan: RunPlan,
  { pids, environment = {} }: Client,
  argv: readonly string[],
): Omit<Session, 'server'> {
  const { PINPACK_JOB_SUMMARY, GITHUB_STEP_SUMMARY, NX_VERBOSE_LOGGING } = environment;
  // Variables that are empty count as unset.
  const jobSummary = [PINPACK_JOB_SUMMARY, GITHUB_STEP_SUMMARY].find((file) => file !== undefined && file !== '');
  return {
    plan,
    clients: pids,
    isVerbose: argv.includes('--verbose') || NX_VERBOSE_LOGGING === 'true',
    ...(jobSummary !== undefined && { jobSummary }),
  };
}

/** Listens before the process has started; connections wait in the queue of the socket. */
async function startServer(
  folder: string,
  session: Omit<Session, 'server'>,
  environment: Environment,
): Promise<Session['server']> {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const log = openSync(join(folder, 'server.log'), 'a', 0o600);
  try {
    const { port } = socket.address() as AddressInfo;
    const server = { url: `http://127.0.0.1:${port}`, token: randomBytes(32).toString('base64url') };
    // In a file, because every user can read command lines.
    writeSession(folder, { ...session, server: { ...server, pid: process.pid } });
    const pid = spawnServer(folder, socket, log, environment);
    if (pid === undefined) throw new Error('the server process could not be started');
    writeSession(folder, { ...session, server: { ...server, pid } });
    return { ...server, pid };
  } finally {
    closeSync(log);
    socket.close();
  }
}

/** The versions of Node whose option is known to exist; another one would not start. */
const LAST_KNOWN_NODE = 24;

/**
 * V8 takes buffers of bodies for a part of its small heap, and marks the heap 13 to 18 times in a run that uploads 60 to 120 MB: a sixth of the server's
 * processor time. With a larger heap at the start it does so once or twice, for 8 MB more memory.
 *
 * @param version - of Node
 */
export function v8Options(version: string): string[] {
  return Number.parseInt(version) <= LAST_KNOWN_NODE ? ['--initial-old-space-size=96'] : [];
}

function spawnServer(folder: string, socket: Server, log: number, env: Environment): number | undefined {
  const child = spawn(process.execPath, [...v8Options(process.versions.node), SERVER, folder], {
    cwd: '/',
    env,
    detached: true,
    stdio: ['ignore', log, log, descriptorOf(socket)],
  });
  child.on('error', () => undefined);
  child.unref();
  return child.pid;
}

/** Node has no public access to it; its own ways to hand over a listening socket are asynchronous, which a turn cannot wait for. */
function descriptorOf(socket: Server): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

/** The daemon's environment lacks the variables of CI systems. For an unknown client the store is read-only unless the mode is set. */
function serverEnvironment(environment: Environment, client: Client): Environment {
  if (client.environment !== undefined) return { ...environment, ...client.environment };
  return { ...environment, PINPACK_STORE_MODE: environment.PINPACK_STORE_MODE ?? 'read' };
}

/** Sets variables for the run, but not in the daemon's own environment: a change there makes Nx compute the graph again for the next command. */
function announce(environment: Environment, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = environment[name];
    environment[name] = value;
    if (!isProxy(environment)) continue;
    // The proxy records neither of these as a change.
    if (before === undefined) Reflect.deleteProperty(environment, name);
    else
      Object.defineProperty(environment, name, { value: before, configurable: true, enumerable: true, writable: true });
  }
}
