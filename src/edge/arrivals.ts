import type { Socket } from 'node:net';
import { plainAddress } from '../pull/address-class.ts';
import { firstBytes } from '../inbound/first-bytes.ts';
import type { Peers } from './peers.ts';
import { type ProxyHeader, proxyHeader } from '../inbound/proxy-header.ts';

/** How connections arrive at a listener. */
interface ArrivalWorld {
  readonly peers: Peers;
  /** Milliseconds that a peer may take for its PROXY header. */
  readonly within: number;
  /** The connection is at its first byte of TLS or HTTP. */
  readonly arrived: (socket: Socket) => void;
  /** A peer did not begin with the header that it must send; the connection is closed. */
  readonly refused: (address: string) => void;
}

/** Connections as they come in, and who is at their far end: some peers say so first, for somebody else. */
export interface Arrivals {
  readonly take: (socket: Socket) => void;
  /** Who is there: as the peer said, or else its own address. Also for the TLS socket over the connection. */
  readonly address: (socket: Socket) => string;
}

export function arrivals({ peers, within, arrived, refused }: ArrivalWorld): Arrivals {
  // Node shows no way from a TLS socket to the one below, but both show the same two ends.
  const named = new Map<string, { readonly socket: Socket; readonly source: string }>();
  const remember = (socket: Socket, source: string): void => {
    const key = ends(socket);
    named.set(key, { socket, source: plainAddress(source) });
    socket.on('close', () => {
      // Another connection may have the same ends before this one is told that it is over.
      if (named.get(key)?.socket === socket) named.delete(key);
    });
  };
  return {
    take: (socket) => {
      const peer = plainAddress(socket.remoteAddress ?? '');
      if (!peers.announces(peer)) return arrived(socket);
      firstBytes(socket, {
        within,
        judge: headerOf,
        decided: (header) => {
          if (header.kind === 'refused') {
            refused(peer);
            socket.destroy();
            return;
          }
          if (header.source !== null) remember(socket, header.source);
          arrived(socket);
        },
        failed: () => refused(peer),
      });
    },
    address: (socket) => named.get(ends(socket))?.source ?? plainAddress(socket.remoteAddress ?? ''),
  };
}

/** What both sockets of one TLS connection show alike, and no other connection that is open. */
export function ends({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localAddress}|${localPort}`;
}

type Read = Exclude<ProxyHeader, { kind: 'more' }>;

function headerOf(seen: Buffer): { readonly verdict: Read; readonly used: number } | 'more' {
  const header = proxyHeader(seen);
  if (header.kind === 'more') return 'more';
  return { verdict: header, used: header.kind === 'header' ? header.length : 0 };
}
