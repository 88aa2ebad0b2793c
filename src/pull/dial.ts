import { connect, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { Door } from './door.ts';
import type { Inlet, Intake } from './intake.ts';

/** A connection to one address that was begun. */
export interface Dialled {
  readonly socket: Socket | TLSSocket;
  /** Where its bytes come in; `null` where they come as the socket's `data`. */
  readonly inlet: Inlet | null;
}

/** What a connection is begun with. */
export interface Equipment {
  readonly intake: Intake;
  /** What is shown in the handshake; `null` where there is none. */
  readonly shown: { readonly context: SecureContext; readonly ticket: Buffer | null } | null;
}

/** Begins a connection through a door to one of its addresses, or to its socket file. The handshake follows as soon as TCP is through. */
export function dial({ port, socketFile, tls }: Door, host: string, { intake, shown }: Equipment): Dialled {
  if ((tls === null) !== (shown === null)) throw new Error('a door with TLS needs a context, one without takes none');
  // What HTTP/2 sends is for the session that node:http2 puts there.
  const inlet: Inlet | null = tls?.http2 === true ? null : intake.inlet(() => socket);
  const far = socketFile === undefined ? { host, port, noDelay: true } : { path: socketFile };
  const common = { ...far, ...(inlet === null ? {} : { onread: inlet.onread }) };
  const socket: Socket | TLSSocket =
    tls === null || shown === null
      ? connect(common)
      : connectTls({
          ...common,
          secureContext: shown.context,
          servername: tls.serverName,
          rejectUnauthorized: tls.check.kind === 'strict',
          // The name is checked with all else that OpenSSL leaves open, once the handshake is over.
          checkServerIdentity: () => undefined,
          ALPNProtocols: tls.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
          ...(shown.ticket === null ? {} : { session: shown.ticket }),
        });
  return { socket, inlet };
}
