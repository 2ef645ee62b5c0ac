import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { indexesAt } from './index-configuration.js';
import { IndexTransport } from './index-transport.js';

test('a body that waits after its server has closed the connection is read to the end', async () => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY']) vi.stubEnv(name, undefined);
  const size = 100_000;
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.end(Buffer.from(`HTTP/1.0 200 OK\r\nContent-Length: ${size}\r\n\r\n${'a'.repeat(size)}`));
    });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/demo.whl`;

  const transport = new IndexTransport(indexesAt(url));
  const { chunks } = await transport.open(url, { applied: { seconds: 'fileSeconds', size: 'fileMiB' } });
  await setTimeout(300);
  let found = 0;
  for await (const { length } of chunks()) found += length;
  expect(found).toBe(size);
});
