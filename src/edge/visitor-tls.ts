import { constants, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { type ClientHello, clientHello } from '../inbound/client-hello.ts';
import { firstBytes } from '../inbound/first-bytes.ts';

/** TLS for visitors, over connections that somebody else accepted. */
export interface VisitorTls {
  readonly accept: (socket: Socket) => void;
  /** From now on only tickets under this key (48 bytes) count; whoever shows another shakes hands in full. */
  readonly setTicketKey: (key: Buffer) => void;
}

/** What happens with a connection that was accepted. */
interface Heard {
  /** Whether a name is one that asks its visitors for certificates. */
  readonly asks: (serverName: string) => boolean;
  /** `asked` tells whether this handshake asked the visitor for a certificate. */
  readonly secured: (socket: TLSSocket, asked: boolean) => void;
  /** Without a socket: the visitor left, or took too long, before it was clear what it speaks. */
  readonly failed: (error: NodeJS.ErrnoException, socket: TLSSocket | null) => void;
}

/** Length of a key for session tickets. */
export const TICKET_KEY_BYTES = 48;

const HANDSHAKE_TIMEOUT = 10_000;
/** Seconds for which a ticket counts. */
const TICKET_LIFETIME = 3_600;
// By default Node derives it from the command line, which is not the same in every process.
const SESSION_CONTEXT = 'postern visitors';

/**
 * Three TLS servers: visitors that offer TLS 1.3 may come back with a ticket, others get none. In 1.3 the server name belongs
 * to each handshake; a resumed 1.2 session shows none, and what cannot be compared with Host cannot be trusted. Visitors of
 * names that ask for certificates shake hands in full each time: to ask is a property of a server in Node, and a session
 * would stand for a certificate that nobody showed.
 */
export function visitorTls(options: TlsOptions, heard: Heard): VisitorTls {
  const common = { ...options, handshakeTimeout: HANDSHAKE_TIMEOUT, sessionIdContext: SESSION_CONTEXT };
  const resuming = createServer({
    ...common,
    minVersion: 'TLSv1.3',
    sessionTimeout: TICKET_LIFETIME,
    ticketKeys: randomBytes(TICKET_KEY_BYTES),
  });
  const forgetful = createServer({
    ...common,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  const asking = createServer({
    ...common,
    minVersion: 'TLSv1.2',
    requestCert: true,
    // Whom the list lets in is judged for each request, with an answer that says what to do.
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    ticketKeys: randomBytes(TICKET_KEY_BYTES),
  });
  for (const server of [resuming, forgetful, asking]) {
    server.on('secureConnection', (socket) => heard.secured(socket, server === asking));
    server.on('tlsClientError', heard.failed);
  }
  const serverFor = ({ tls13, serverName }: ClientHello): Server => {
    if (serverName !== null && heard.asks(serverName)) return asking;
    return tls13 ? resuming : forgetful;
  };
  return {
    accept: (socket) => {
      firstBytes(socket, {
        within: HANDSHAKE_TIMEOUT,
        judge: (seen) => {
          const hello = clientHello(seen);
          return hello === 'more' ? 'more' : { verdict: hello, used: 0 };
        },
        decided: (hello) => serverFor(hello).emit('connection', socket),
        failed: (code) => heard.failed(Object.assign(new Error('no ClientHello came'), { code }), null),
      });
    },
    setTicketKey: (key) => resuming.setTicketKeys(key),
  };
}
