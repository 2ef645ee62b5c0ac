// Before the tasks: the run's folder, and a process that serves Nx's client and uploads. It's a process of its own, for the daemon may end while the run
// goes on (another lock file is enough), and an isolated plugin worker ends with the first of two runs; either would fail the other run.
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

const SERVER = fileURLToPath(new URL('../../dist/remote-cache/server-process.js', import.meta.url));

let lastTurn: Promise<void> = Promise.resolve();

/**
 * Opens a session for a run and tells the run of it in its environment.
 *
 * Nx records what a hook writes into `process.env` by a proxy in its place. Under the daemon two runs that begin at once nest their proxies, and
 * what the second writes would reach the first: so a turn waits for nothing outside of this process, and the next begins when Nx has read
 * what the last wrote.
 *
 * @param environment - `process.env`, as it stands when Nx calls the hook
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

/** A task of a run may call nx: that run's session is good for it too. */
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
  const { GITHUB_STEP_SUMMARY: jobSummary = '', NX_VERBOSE_LOGGING } = environment;
  return {
    plan,
    clients: pids,
    isVerbose: argv.includes('--verbose') || NX_VERBOSE_LOGGING === 'true',
    ...(jobSummary !== '' && { jobSummary }),
  };
}

/** Listens before the process is there: what comes in waits in the socket's queue. */
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
    // The process reads it: a token on a command line is everybody's.
    writeSession(folder, { ...session, server: { ...server, pid: process.pid } });
    const pid = spawnServer(folder, socket, log, environment);
    if (pid === undefined) throw new Error('the process that serves it could not be started');
    writeSession(folder, { ...session, server: { ...server, pid } });
    return { ...server, pid };
  } finally {
    closeSync(log);
    socket.close();
  }
}

function spawnServer(folder: string, socket: Server, log: number, env: Environment): number | undefined {
  const child = spawn(process.execPath, [SERVER, folder], {
    cwd: '/',
    env,
    detached: true,
    stdio: ['ignore', log, log, descriptorOf(socket)],
  });
  child.on('error', () => undefined);
  child.unref();
  return child.pid;
}

/** Node keeps it for itself on Unix; its own ways to hand a listening socket to a process take turns that nobody may wait for here. */
function descriptorOf(socket: Server): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

/** The daemon's environment lacks what CI systems set. Where nothing is known of the client, nothing is written unless somebody says so. */
function serverEnvironment(environment: Environment, client: Client): Environment {
  if (client.environment !== undefined) return { ...environment, ...client.environment };
  return { ...environment, PINPACK_STORE_MODE: environment.PINPACK_STORE_MODE ?? 'read' };
}

/** Sets variables for the run. What stays in the daemon's own environment would make it compute the graph again for the next command. */
function announce(environment: Environment, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = environment[name];
    environment[name] = value;
    if (!isProxy(environment)) continue;
    // Neither of these is recorded as a change.
    if (before === undefined) Reflect.deleteProperty(environment, name);
    else
      Object.defineProperty(environment, name, { value: before, configurable: true, enumerable: true, writable: true });
  }
}
