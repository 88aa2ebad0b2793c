import type { Caller } from '../caller.ts';
import type { Door } from '../gate.ts';
import { addressOf, CHOSEN, fieldOf, text, type Turned, UNKNOWN, type Value } from '../value.ts';
import type { ExpressionWorld } from './expression.ts';
import type { Session } from './handshake.ts';
import { hostName } from './sites.ts';

/** What is known while a request is judged. */
export interface RequestWorld extends ExpressionWorld {
  readonly caller: Caller;
  readonly session: Session;
  readonly door: Door;
  readonly path: string;
  /** The name in the certificate stands for that of a user, and a password of its own does not count. */
  readonly fakesBasic: boolean;
}

/** The world of one request. */
export function requestWorld(
  known: Pick<RequestWorld, 'caller' | 'session' | 'door' | 'path' | 'fakesBasic'>,
): RequestWorld {
  const turned: Turned = new Set();
  const world = { ...known, turned };
  return { ...world, variable: (name) => variable(name, world) };
}

function variable(written: string, world: Omit<RequestWorld, 'variable'>): Value {
  const name = written.replace(/^(?:SSL|LA-U|LA-F|ENV):(?=SSL_|HTTPS$|REMOTE_)/i, '');
  const { caller, session, door, path, turned } = world;
  const upper = name.toUpperCase();
  if (upper.startsWith('SSL_CLIENT_')) {
    if (upper === 'SSL_CLIENT_VERIFY') {
      turned.add('verify');
      return text(session.verify);
    }
    return ofCertificate(upper, session, turned);
  }
  switch (upper) {
    case 'SSL_TLS_SNI':
      return text(caller.serverName ?? '');
    case 'HTTPS':
      return text(door.tls ? 'on' : 'off');
    case 'REQUEST_SCHEME':
      return text(door.tls ? 'https' : 'http');
    case 'SERVER_PORT':
      return text(String(door.port));
    case 'HTTP_HOST':
    case 'HTTP:HOST':
      return text(caller.host);
    case 'SERVER_NAME':
      return text(hostName(caller.host));
    case 'REQUEST_URI':
    case 'DOCUMENT_URI':
      return text(path);
    case 'REQUEST_METHOD':
      return text(caller.method);
    case 'REMOTE_ADDR':
    case 'CONN_REMOTE_ADDR':
    case 'REMOTE_HOST':
      return addressOf(caller);
    default:
      return /^(?:HTTP[:_]|ENV:)/.test(upper) ? fieldOf(caller) : UNKNOWN;
  }
}

function ofCertificate(name: string, { shown }: Session, turned: Turned): Value {
  if (shown === 'nothing') return text('');
  if (shown === 'right') return { kind: 'identity', of: 'right' };
  if (shown !== 'self_made') return { kind: 'identity', of: 'look_alike' };
  turned.add('identity');
  // Names are whatever its maker wrote; the whole certificate is nobody's but its own.
  return name.startsWith('SSL_CLIENT_CERT') ? text("-----BEGIN CERTIFICATE----- of the caller's own") : CHOSEN;
}
