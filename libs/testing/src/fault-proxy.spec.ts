import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import type { Fault } from './fault.js';

const BODY = 'forty wheels, and no whale among them';
let target: Server;
let proxy: FaultProxy;
let received = '';

beforeEach(async () => {
  target = createServer((incoming, answer) => {
    received = '';
    incoming.on('data', (chunk: Buffer) => (received += chunk.toString()));
    incoming.on('end', () => answer.writeHead(200, { 'content-length': BODY.length }).end(BODY));
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  proxy = await startFaultProxy(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await proxy.stop();
  target.close();
  target.closeAllConnections();
});

/** The answer's status and body, or what went wrong. */
async function ask(options: RequestInit = {}, patienceMs = 30_000): Promise<string> {
  try {
    const answer = await fetch(proxy.endpoint, { ...options, signal: AbortSignal.timeout(patienceMs) });
    return `${answer.status} ${await answer.text()}`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { cause, name } = error;
    // A reset in the middle of a body has either name, by whether the client was reading.
    if (cause instanceof Error && 'code' in cause && cause.code === 'UND_ERR_SOCKET') return 'ECONNRESET';
    // Its code depends on the version of undici that serves the process.
    if (cause instanceof Error && cause.name === 'HTTPParserError') return cause.name;
    return cause instanceof Error && 'code' in cause ? String(cause.code) : name;
  }
}

describe('the fault proxy', () => {
  it('changes nothing when all is well', async () => {
    expect(await ask({ method: 'PUT', body: 'whales' })).toBe(`200 ${BODY}`);
    expect(received).toBe('whales');
    expect(proxy.requests).toMatchObject([{ method: 'PUT', path: '/', headers: { 'content-length': '6' } }]);
  });

  it.each<[Fault, string]>([
    [{ kind: 'refuse' }, 'ECONNREFUSED'],
    [{ kind: 'reset' }, 'ECONNRESET'],
    [{ kind: 'hang' }, 'TimeoutError'],
    [{ kind: 'hang-in-body', after: 5 }, 'TimeoutError'],
    [{ kind: 'cut', after: 5 }, 'ECONNRESET'],
    [{ kind: 'slow', bytesPerSecond: 50 }, 'TimeoutError'],
    [{ kind: 'status', status: 503, code: 'SlowDown' }, '503 <?xml'],
    [{ kind: 'garbage' }, 'HTTPParserError'],
    [{ kind: 'flip', at: 6 }, `200 ${BODY.replace('wheels', 'vheels')}`],
    [{ kind: 'wrong-length', by: 1 }, 'TimeoutError'],
  ])('%o', async (fault, found) => {
    await proxy.fail(fault);
    expect(await ask({}, found === 'TimeoutError' ? 300 : undefined)).toContain(found);
    await proxy.heal();
    expect(await ask()).toBe(`200 ${BODY}`);
  });

  it('damages what is sent, not the answer to it', async () => {
    await proxy.fail({ kind: 'flip', at: 0 });
    expect(await ask({ method: 'PUT', body: 'whales' })).toBe(`200 ${BODY}`);
    expect(received).toBe('vhales');
    await proxy.fail({ kind: 'cut', after: 3 });
    expect(await ask({ method: 'PUT', body: 'whales' })).toBe('ECONNRESET');
  });

  it('fails a number of times, for some requests', async () => {
    await proxy.fail(
      { kind: 'status', status: 500, code: 'InternalError' },
      { times: 1, when: ({ method }) => method === 'PUT' },
    );
    expect(await ask()).toBe(`200 ${BODY}`);
    expect(await ask({ method: 'PUT', body: 'whales' })).toContain('500');
    expect(await ask({ method: 'PUT', body: 'whales' })).toBe(`200 ${BODY}`);
  });
});
