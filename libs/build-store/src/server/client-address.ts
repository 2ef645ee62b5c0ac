// Determines the client of a request: the peer, or the address that trusted proxies report (X-Forwarded-For, X-Request-Id).
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { isLoopback } from './config.js';

const REQUEST_ID = /^[0-9A-Za-z._-]{1,64}$/;

export class TrustedProxies {
  private readonly list = new BlockList();

  /** @param networks - addresses and networks (CIDR) */
  constructor(networks: string[]) {
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(bits), family);
    }
  }

  has(address: string): boolean {
    const plain = address.replace(/^::ffff:/, '');
    return isIP(plain) !== 0 && this.list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  }

  /** The nearest address that does not belong to a trusted proxy. Addresses before it can be forged. */
  clientOf(request: IncomingMessage): string {
    const forwarded = String(request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((part) => part.trim());
    const hops = [peerOf(request), ...forwarded.reverse().filter((part) => isIP(part) !== 0)];
    return hops.find((address) => !this.has(address)) ?? hops.at(-1) ?? '';
  }

  /** Whether a request came encrypted: by TLS, over loopback, or by a proxy that is trusted to have done so. */
  isPrivate(request: IncomingMessage): boolean {
    const peer = peerOf(request);
    return 'encrypted' in request.socket || isLoopback(peer) || this.has(peer);
  }

  requestId(request: IncomingMessage): string {
    const given = request.headers['x-request-id'];
    return typeof given === 'string' && REQUEST_ID.test(given) && this.has(peerOf(request)) ? given : randomUUID();
  }
}

function peerOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '';
}
