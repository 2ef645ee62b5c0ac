import { expect, test } from 'vitest';
import { HttpBackend } from '../backends/http-backend.js';
import { branchNamespace } from '../names/object-keys.js';
import { Leases } from '../store/leases.js';
import { RunReports } from '../store/run-reports.js';
import { SCOPES, startServer } from './server.fixture.js';

const REPORT = {
  ...({ version: 1, at: new Date().toISOString(), tasks: { local: 0, store: 0, made: 1 } } as const),
  ...{ bytes: { downloaded: 0, uploaded: 0 }, savedMs: 0, durations: { 'a:rpm': 5 } },
} as const;

test('leases and reports work through the server, in the namespace of the token only', async () => {
  const { url, tokens } = await startServer();
  const backend = (token: string) => new HttpBackend({ kind: 'http', url }, token);
  const own = branchNamespace(SCOPES.pull.branch);
  const [one, two] = [1, 2].map(() => new Leases(backend(tokens.pull), own));
  const lease = await one?.tryTake('wheel', 'k');
  expect(lease?.hasWaited).toBe(false);
  expect(await two?.tryTake('wheel', 'k')).toBeUndefined();
  await lease?.release('failed');
  expect((await two?.take('wheel', 'k'))?.hasWaited).toBe(true);
  await new RunReports(backend(tokens.pull), own).add(REPORT);
  expect(Object.fromEntries(await new RunReports(backend(tokens.pull), own).durations(new Date()))).toEqual({
    'a:rpm': 5,
  });
  await expect(new RunReports(backend(tokens.read), 'main').add(REPORT)).rejects.toMatchObject({
    code: 'STORE_FORBIDDEN',
  });
  await expect(new RunReports(backend(tokens.pull), 'main').add(REPORT)).rejects.toMatchObject({
    code: 'STORE_FORBIDDEN',
  });
});
