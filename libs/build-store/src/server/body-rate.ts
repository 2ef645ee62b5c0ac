// Disconnects clients whose bodies are slower than a minimum rate, in either direction. Otherwise a client could hold its connection and its place for
// as long as a whole request may take. Time in which the server itself does not read or write does not count.
import type { Exchange } from './exchange.js';

export interface RateLimits {
  /** 0: no minimum. */
  bodyBytesPerSecond: number;
  rateSeconds: number;
}

/** @param onSlow - called before the connection is closed */
export function watchBodyRate(exchange: Exchange, limits: RateLimits, onSlow: () => void): void {
  const { request, response } = exchange;
  const { socket } = request;
  const expected = limits.bodyBytesPerSecond * limits.rateSeconds;
  if (expected === 0) return;
  const measure = () => ({
    ...transferred(exchange),
    isReceiving: isReceiving(exchange),
    isSending: isSending(exchange),
  });
  let before = measure();
  const timer = setInterval(() => {
    // A response may end before its request: the rest of the body is dropped.
    if (socket.destroyed || (response.closed && request.complete)) {
      clearInterval(timer);
      return;
    }
    const now = measure();
    const isSlow =
      (before.isReceiving && now.isReceiving && now.received - before.received < expected) ||
      (before.isSending && now.isSending && now.sent - before.sent < expected);
    before = now;
    if (!isSlow) return;
    clearInterval(timer);
    onSlow();
    socket.destroy();
  }, limits.rateSeconds * 1000);
  timer.unref();
}

/** In bytes, on the whole connection. */
function transferred({ request: { socket } }: Exchange): { received: number; sent: number } {
  return { received: socket.bytesRead, sent: socket.bytesWritten - socket.writableLength };
}

/** The server waits for bytes of the request. */
function isReceiving({ request, isBodyDue }: Exchange): boolean {
  return isBodyDue && request.readableLength === 0;
}

/** The server waits for the client to take bytes of the response. */
function isSending({ request, response }: Exchange): boolean {
  return !response.closed && response.writableLength + request.socket.writableLength > 0;
}
