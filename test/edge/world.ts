import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Identity } from '../../src/domain/certificate.ts';
import type { EdgeHost, EdgeZoneDelta, EdgeZoneRules, LevelState } from '../../src/domain/edge-zone.ts';
import {
  accountId,
  certificateId,
  type Hostname,
  hostname,
  instant,
  type Revision,
  revision,
  zoneId,
} from '../../src/domain/ids.ts';
import { type Edge, type EdgeOptions, startEdge } from '../../src/edge/start.ts';
import { createAuthority, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey, type KeyType } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { createZoneAuthority, issueIdentity, type PullAuthority, zoneUri } from '../../src/pki/zone-authority.ts';
import type { EdgeMessage, FeedMessage } from '../../src/wire/feed.ts';

/** A brand for a test's text; a test that misspells one ends here. */
export function must<T>(value: T | null): T {
  if (value === null) throw new Error('not a valid name');
  return value;
}

const INSTALLATION = 'test.postern.internal';
const now = instant(Date.now());
const DAY = 86_400_000;

/** A server certificate with its CA, made for one test. */
export async function serverCertificate(names: readonly string[], key?: KeyType) {
  const ca = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'test server root' },
    key: await generateKey(),
    validity: validFor(now, DAY),
  });
  const leaf = issueLeaf(ca, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'test server' },
    key: await generateKey(key),
    validity: validFor(now, DAY),
    names: names.map((value) => ({ kind: 'dns', value })),
  });
  return { ca: ca.certificate, leaf };
}

/** What an origin saw of one request. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  /** Subject of the client certificate; empty where none was shown. */
  readonly subject: string;
  readonly resumed: boolean;
  readonly body: string;
}

export interface Origin {
  readonly port: number;
  readonly seen: Seen[];
  readonly server: Server;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real https origin that admits only clients of the authority; records what reaches its application. */
export async function startOrigin(
  t: TestContext,
  authority: PullAuthority | null,
  certificate: Awaited<ReturnType<typeof serverCertificate>>,
  answer?: Answer,
): Promise<Origin> {
  const seen: Seen[] = [];
  const server = createServer(
    {
      cert: certificate.leaf.certificate.pem,
      key: certificate.leaf.key.reveal(),
      ...(authority === null
        ? {}
        : { ca: authority.root.certificate.pem, requestCert: true, rejectUnauthorized: true }),
    },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const socket = request.socket as TLSSocket;
        seen.push({
          method: request.method ?? '',
          url: request.url ?? '',
          headers: request.rawHeaders,
          subject: String(socket.getPeerCertificate().subject?.CN ?? ''),
          resumed: socket.isSessionReused(),
          body: Buffer.concat(chunks).toString('latin1'),
        });
        if (answer === undefined) response.end(`hello ${request.url}`);
        else answer(request, response);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen, server };
}

/** A real http origin. */
export async function startPlainOrigin(t: TestContext): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('plain');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

/** A zone as the feed tells it, with its authority and managed identity. */
export async function makeZone(name: string) {
  const id = must(zoneId(randomBytes(16).toString('hex')));
  const zoneName = must(hostname(name));
  const authority = await createZoneAuthority({ installation: INSTALLATION, now, zone: id, zoneName });
  const issued = await issueIdentity(authority.intermediate, { uri: zoneUri(INSTALLATION, id), now });
  const certificate = must(certificateId(randomUUID()));
  const identity: Identity = {
    certificate,
    fingerprint: issued.certificate.fingerprint,
    notAfter: issued.certificate.notAfter,
  };
  const key: FeedMessage = {
    kind: 'key',
    certificate,
    chain: [issued.certificate, ...issued.chain].map(({ pem }) => pem).join(''),
    key: issued.key.reveal(),
  };
  const on: LevelState = { kind: 'on', identity };
  const rules: EdgeZoneRules = {
    id,
    account: must(accountId('0'.repeat(32))),
    name: zoneName,
    paused: false,
    ssl: 'full',
    alwaysUseHttps: true,
    visitorTls: '1.2',
    compliance: 'none',
    zonePull: on,
    globalPull: { kind: 'off' },
    originCas: [],
    customCertificates: [],
    revokedOrigins: [],
    accessRules: [],
    rateLimits: [],
  };
  return { id, name: zoneName, authority, identity, key, on, rules, issued };
}

export type TestZone = Awaited<ReturnType<typeof makeZone>>;

/** A hostname with one origin on loopback. */
export function host(
  name: Hostname,
  ports: { readonly https?: number; readonly http?: number },
  pull: EdgeHost['pull'] = { kind: 'inherit' },
): EdgeHost {
  const target = {
    address: '127.0.0.1',
    httpsPort: ports.https ?? 1,
    httpPort: ports.http ?? 1,
    serverName: null,
    hostHeader: null,
    http2: false,
    mayBePrivate: true,
  };
  return { hostname: name, targets: [target], pull };
}

export interface RunningEdge {
  readonly edge: Edge;
  readonly send: (message: FeedMessage) => void;
  /** Sends a delta with the next revision. */
  readonly change: (
    zone: TestZone,
    rules: EdgeZoneRules,
    put: readonly EdgeHost[],
    authorities?: EdgeZoneDelta['authorities'],
  ) => void;
  readonly replies: EdgeMessage[];
  readonly logged: { readonly event: string; readonly [name: string]: unknown }[];
  readonly https: number;
  readonly http: number;
}

/** A running edge with a visitor certificate for the zones, and their keys. */
export async function startTestEdge(
  t: TestContext,
  zones: readonly TestZone[],
  wishes: Omit<Partial<EdgeOptions>, 'name' | 'https' | 'http' | 'own' | 'log'> = {},
): Promise<RunningEdge & { readonly visitorCa: string }> {
  const logged: RunningEdge['logged'] = [];
  const edge = await startEdge({
    name: 'test',
    https: { host: '127.0.0.1', port: 0 },
    http: { host: '127.0.0.1', port: 0 },
    own: [],
    log: (event, fields) => logged.push({ event, ...fields }),
    // Those who look for the last event mean what the edge says of a failure, not the line about the request.
    accessLog: { policy: { kind: 'off' }, query: false },
    ...wishes,
  });
  t.after(() => edge.close(0));
  const replies: EdgeMessage[] = [];
  const send = edge.subscribe((message) => replies.push(message));
  let last: Revision = revision(0);
  const visitor = await serverCertificate(zones.flatMap(({ name }) => [name, `*.${name}`]));
  for (const zone of zones) {
    const chain = visitor.leaf.certificate.pem;
    send({
      kind: 'visitor_certificate',
      zone: zone.id,
      certificate: null,
      names: [zone.name, `*.${zone.name}`],
      notBefore: visitor.leaf.certificate.notBefore,
      notAfter: visitor.leaf.certificate.notAfter,
      chain,
      key: visitor.leaf.key.reveal(),
    });
    send(zone.key);
  }
  const change: RunningEdge['change'] = (zone, rules, put, authorities) => {
    last = revision(last + 1);
    const lists = authorities === undefined ? {} : { authorities };
    send({ kind: 'delta', revision: last, zones: [{ zone: zone.id, rules, put, dropped: [], ...lists }] });
  };
  return {
    edge,
    send,
    change,
    replies,
    logged,
    https: edge.https?.port ?? 0,
    http: edge.http?.port ?? 0,
    visitorCa: visitor.ca.pem,
  };
}
