import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { startClient } from './client.fixture.js';
import { findDaemonClient, isAlive } from './client-process.js';

describe.runIf(process.platform === 'linux')('findDaemonClient', () => {
  test('finds the client by its words and its folder, and what CI told it', async () => {
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

  test('takes nobody else for it', async () => {
    const folder = temporaryFolder();
    const { argv } = await startClient(folder, ['run', 'a:b']);
    const nobody = { pids: [] };
    expect(findDaemonClient([...argv, '--verbose'], folder)).toEqual(nobody);
    expect(findDaemonClient([...argv.slice(0, -1), 'a:c'], folder)).toEqual(nobody);
    expect(findDaemonClient(argv, temporaryFolder())).toEqual(nobody);
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
