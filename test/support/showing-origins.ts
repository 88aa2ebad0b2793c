/** Servers that show certificates of every kind: of a CA of their own, self-signed, ended, under another name. */

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { instant } from '../../src/domain/ids.ts';
import { type Authority, createAuthority, issueLeaf, type Validity, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';

const DAY = 86_400_000;

/** A certificate with its key, as a server takes them. */
interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** A CA for origins. */
export async function originAuthority(commonName: string): Promise<Authority> {
  const validity = validFor(instant(Date.now()), 30 * DAY);
  return createAuthority({ profile: PROFILES.serverRoot, subject: { commonName }, validity, key: await generateKey() });
}

/** One that a CA signed, or that signed itself. */
export async function showingOf(
  issuer: Authority | null,
  names: readonly string[],
  bent: { readonly ended?: boolean; readonly sendsRoot?: boolean } = {},
): Promise<Shown> {
  const begin = bent.ended === true ? Date.now() - 10 * DAY : Date.now();
  const validity: Validity = validFor(instant(begin), 5 * DAY);
  const key = await generateKey();
  const request = {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'an origin <img src=x onerror=alert(1)>' },
    validity,
    key,
    names: names.map((value) => ({ kind: 'dns' as const, value })),
  };
  const { certificate } = issuer === null ? createAuthority(request) : issueLeaf(issuer, request);
  const along = bent.sendsRoot === true && issuer !== null ? issuer.certificate.pem : '';
  return { cert: certificate.pem + along, key: key.reveal() };
}

/** A server that shows it. */
export async function showingOrigin(
  shown: Shown,
  more: TlsOptions = {},
  where: { readonly host: string; readonly port: number } = { host: '127.0.0.1', port: 0 },
) {
  let met = 0;
  const open = new Set<Socket>();
  const server = createServer({ ...shown, ...more }, (socket) => {
    socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  server
    .on('tlsClientError', () => undefined)
    .on('connection', (socket: Socket) => {
      met += 1;
      open.add(socket.on('close', () => open.delete(socket)));
    });
  server.listen(where);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** Connections that came. */
    met: () => met,
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      server.close();
      // Who looks at locks, or pulls, may keep one open.
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
