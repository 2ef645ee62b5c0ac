import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { startClient } from './client.fixture.js';
import { findDaemonClient, isAlive, isUnderDaemon } from './client-process.js';

describe.runIf(process.platform === 'linux')('findDaemonClient', () => {
  test('finds the client by its words and its folder, and what CI passed to it', async () => {
    const folder = temporaryFolder();
    const { pid, argv } = await startClient(folder, ['run-many', '-t', 'rpm'], { GITHUB_EVENT_NAME: 'pull_request' });
    const client = findDaemonClient(argv, folder);
    expect(client.pids).toEqual([pid]);
    expect(client.environment?.GITHUB_EVENT_NAME).toBe('pull_request');
  });

  test('finds both where one command runs twice', async () => {
    const folder = temporaryFolder();
    const [one, two] = [await startClient(folder, ['run', 'a:b']), await startClient(folder, ['run', 'a:b'])];
    expect(findDaemonClient(one.argv, folder).pids.sort()).toEqual([one.pid, two.pid].sort());
  });

  test('takes no shell for it that runs it', async () => {
    const folder = temporaryFolder();
    const { pid, argv } = await startClient(folder, ['run', 'a:b']);
    const shell = spawn('sh', ['-c', 'echo ready; read line', ...argv.slice(1)], { cwd: folder });
    onTestFinished(() => void shell.kill('SIGKILL'));
    await once(shell.stdout, 'data');
    expect(findDaemonClient(argv, folder).pids).toEqual([pid]);
  });

  test('does not mistake another process for it', async () => {
    const folder = temporaryFolder();
    const { argv } = await startClient(folder, ['run', 'a:b']);
    const nobody = { pids: [] };
    expect(findDaemonClient([...argv, '--verbose'], folder)).toEqual(nobody);
    expect(findDaemonClient([...argv.slice(0, -1), 'a:c'], folder)).toEqual(nobody);
    expect(findDaemonClient(argv, temporaryFolder())).toEqual(nobody);
  });
});

describe('isUnderDaemon', () => {
  test('by the variable of Nx 22.7, or the global of the Nx before', () => {
    expect(isUnderDaemon({})).toBe(false);
    expect(isUnderDaemon({ NX_DAEMON_PROCESS: 'true' })).toBe(true);
    vi.stubGlobal('NX_DAEMON', true);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(isUnderDaemon({})).toBe(true);
  });

  test.runIf(process.platform === 'linux')('in a plugin worker, by the parent', async () => {
    vi.stubGlobal('NX_PLUGIN_WORKER', true);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(isUnderDaemon({})).toBe(false);
    const script = join(temporaryFolder(), 'daemon/server/start.js');
    mkdirSync(dirname(script), { recursive: true });
    writeFileSync(script, 'console.log("ready"); setInterval(() => {}, 1000);');
    const daemon = spawn(process.execPath, [script]);
    onTestFinished(() => void daemon.kill('SIGKILL'));
    await once(daemon.stdout, 'data');
    vi.spyOn(process, 'ppid', 'get').mockReturnValue(daemon.pid ?? 0);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(isUnderDaemon({})).toBe(true);
  });
});

test('isAlive', async () => {
  const { child, pid } = await startClient(temporaryFolder(), []);
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(pid)).toBe(false);
  // Another user's, or this very one where the tests run as root.
  expect(isAlive(1)).toBe(true);
});
