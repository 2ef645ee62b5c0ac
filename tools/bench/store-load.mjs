// Generates load on a server of Nx's protocol. The client uses sockets, reads into one buffer and keeps nothing, because it shares the processor
// with the server that it measures.
import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import pLimit from 'p-limit';

const END_OF_HEAD = '\r\n\r\n';
const shared = randomBytes(100e6);

/**
 * @param {{ port: number, method: 'GET' | 'PUT', keys: string[], size: number, atOnce: number }} load - one request for each key
 * @returns {Promise<number>} seconds until the last answer
 */
export async function runLoad({ port, method, keys, size, atOnce }) {
  const limit = pLimit(atOnce);
  const idle = [];
  const started = performance.now();
  const send = async (key) => {
    const connection = idle.pop() ?? (await open(port));
    if (method === 'GET') await connection.get(key, size);
    else await connection.put(key, size);
    idle.push(connection);
  };
  await Promise.all(keys.map((key) => limit(send, key)));
  const seconds = (performance.now() - started) / 1000;
  for (const connection of idle) connection.close();
  return seconds;
}

/** @param {number} count */
export function newKeys(count) {
  return Array.from({ length: count }, () => randomUUID().replaceAll('-', ''));
}

async function open(port) {
  /** @type {(chunk: Buffer) => void} */
  let take = () => undefined;
  let fail = (/** @type {Error} */ _error) => undefined;
  const onread = {
    buffer: Buffer.allocUnsafe(1 << 18),
    callback: (/** @type {number} */ length, /** @type {Uint8Array} */ buffer) => {
      take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
      return true;
    },
  };
  const socket = connect({ port, host: '127.0.0.1', onread });
  socket.setNoDelay(true);
  socket.on('error', (error) => fail(error));
  socket.on('close', () => fail(new Error('the server closed the connection')));
  await new Promise((done, failed) => {
    socket.once('connect', done);
    fail = failed;
  });

  const answer = (/** @type {number} */ expected) =>
    new Promise((done, failed) => {
      fail = failed;
      let head = '';
      let left;
      take = (chunk) => {
        if (left !== undefined) left -= chunk.length;
        else {
          head += chunk.toString('latin1');
          const end = head.indexOf(END_OF_HEAD);
          if (end === -1) return;
          const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
          if (!head.startsWith('HTTP/1.1 200') || length < expected) failed(new Error(head.slice(0, end)));
          left = length - (head.length - end - END_OF_HEAD.length);
        }
        if (left === 0) done(undefined);
      };
    });
  return {
    get(key, size) {
      socket.write(`GET /v1/cache/${key} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return answer(size);
    },
    put(key, size) {
      const own = Buffer.from(key.padEnd(64, key));
      socket.write(`PUT /v1/cache/${key} HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
      // Every content is different.
      socket.write(own);
      socket.write(shared.subarray(0, size - own.length));
      return answer(0);
    },
    close() {
      fail = () => undefined;
      socket.destroy();
    },
  };
}
