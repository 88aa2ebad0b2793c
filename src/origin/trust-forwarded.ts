import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type NodeRequest, values } from './asked-host.ts';
import { connectionOf } from './judges.ts';
import { originPullOf } from './origin-lock.ts';

/** Who visits, as far as somebody who is believed says so. */
export interface Visitor {
  /** Address of the visitor; of the connection's other end where nobody is believed, `null` over a Unix socket. */
  readonly address: string | null;
  readonly proto: 'http' | 'https';
  /** Whether the edge said so. */
  readonly forwarded: boolean;
}

/**
 * The visitor behind a request: what the edge forwards where a lock has verified that it is the edge, and the connection
 * itself otherwise. Own callers are let in, but not believed.
 */
export function trustForwarded(request: NodeRequest): Visitor {
  const pull = originPullOf(request);
  const socket = connectionOf(request);
  const itself = {
    address: socket.remoteAddress ?? null,
    proto: socket instanceof TLSSocket ? 'https' : 'http',
  } as const;
  if (pull?.via !== 'edge') return { ...itself, forwarded: false };
  // Some edges append to what visitors send in X-Forwarded-For: there the first entry is the visitor's own invention.
  const said = only(values(request, 'cf-connecting-ip')) ?? only(values(request, 'x-forwarded-for'));
  const proto = only(values(request, 'x-forwarded-proto'));
  if (said === null || isIP(said) === 0) return { ...itself, forwarded: false };
  return { address: said, proto: proto === 'http' || proto === 'https' ? proto : itself.proto, forwarded: true };
}

function only(found: readonly string[]): string | null {
  const [first, ...others] = found;
  return first === undefined || others.length > 0 ? null : first.trim();
}
