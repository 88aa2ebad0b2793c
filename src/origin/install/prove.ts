import { setTimeout as after } from 'node:timers/promises';
import type { Instant } from '../../domain/ids.ts';
import { type Knocked, knock } from '../../doctor/knock.ts';
import type { Credential, Knock } from '../../doctor/knock-request.ts';
import { mintStrangers } from '../../doctor/mint.ts';
import { type Listener, listenerText } from '../server/virtual-host.ts';
import type { ProofPath } from './request.ts';

/** One knock and what came of it, in words for people. */
export interface Proof {
  readonly holds: boolean;
  /** Anybody while nobody is refused, strangers, whoever tries another way in, whoever asks for what no site has, the edge. */
  readonly by: 'anybody' | 'stranger' | 'other_way' | 'unmatched' | 'edge';
  /** Who knocked, and where. */
  readonly asked: string;
  readonly saw: string;
  /** The name that was asked for at the edge. */
  readonly name?: string;
}

/** What is knocked at, with what, and for how long. */
export interface ProofGround {
  readonly sockets: readonly Listener[];
  /** Those of them on which names that no site has must be refused. */
  readonly refusing: readonly Listener[];
  readonly hostnames: readonly string[];
  /** Those of them that the edge serves, as far as is known: for the others it need not be asked. */
  readonly served: readonly string[];
  readonly strangers: readonly Stranger[];
  /** Where the edge answers visitors; several where the name has several addresses. */
  readonly edges: readonly { readonly address: string; readonly port: number }[];
  /** Milliseconds that a server may take to read its configuration again. */
  readonly patience: number;
}

/** Somebody who must be refused. */
export interface Stranger {
  readonly who: string;
  readonly credential: Credential | null;
}

const TIMEOUT = 5_000;
const PAUSE = 50;
const EDGE_PATIENCE = 3_000;

/** Nobody, a certificate signed by itself, and one of an authority that nobody trusts. Their keys are never written. */
export async function strangers(now: Instant): Promise<readonly Stranger[]> {
  const { selfSigned, foreign } = await mintStrangers(now);
  return [
    { who: 'without a certificate', credential: null },
    { who: 'with a self-signed certificate', credential: selfSigned },
    { who: 'with a certificate of a foreign authority', credential: foreign },
  ];
}

/** Waits until the watching server answers strangers with the word: then it has read the new configuration. */
export function provenWatching(ground: ProofGround, proof: ProofPath): Promise<readonly Proof[]> {
  return patiently(ground, () =>
    each(tlsSockets(ground), ground.hostnames, async (socket, name) => {
      const saw = await knockAt(socket, { serverName: shown(name), path: proof.path });
      return {
        holds: tells(saw, proof.word),
        by: 'anybody',
        asked: `${listenerText(socket)} for ${name}, without a certificate`,
        saw: sawText(saw),
      };
    }),
  );
}

/** Waits until strangers are refused at every socket, in both versions of TLS, under every name, and by every other way. */
export function provenRefusing(ground: ProofGround, proof: ProofPath | null): Promise<readonly Proof[]> {
  const path = proof?.path ?? '/';
  return patiently(ground, async () => [
    ...(
      await each(tlsSockets(ground), ground.hostnames, (socket, name) => refusals(ground, socket, shown(name), path))
    ).flat(),
    ...(proof === null ? [] : await otherWays(ground, proof)),
    ...(await unmatched(ground)),
  ]);
}

async function refusals(ground: ProofGround, socket: Listener, name: string, path: string): Promise<readonly Proof[]> {
  const knocks = ground.strangers.flatMap((stranger) => VERSIONS.map((tlsVersion) => ({ ...stranger, tlsVersion })));
  return Promise.all(
    knocks.map(async ({ who, credential, tlsVersion }): Promise<Proof> => {
      const saw = await knockAt(socket, { serverName: name, path, credential, tlsVersion });
      const asked = `${listenerText(socket)} for ${name}, ${who} (${tlsVersion})`;
      return { holds: isRefusal(saw), by: 'stranger', asked, saw: sawText(saw) };
    }),
  );
}

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

// Whatever answers there, it must not be the locked host: only that knows the word.
async function otherWays({ sockets, hostnames }: ProofGround, { path, word }: ProofPath): Promise<readonly Proof[]> {
  const [name = ''] = hostnames;
  const host = shown(name);
  const made: Proof[] = [];
  for (const socket of sockets.filter(isReachable)) {
    for (const [serverName, how] of socket.tls ? NAMELESS : ([[null, 'without TLS']] as const)) {
      const saw = await knockAt(socket, { serverName, host, path, plain: !socket.tls });
      made.push({
        holds: !tells(saw, word),
        by: 'other_way',
        asked: `${listenerText(socket)} for ${host}, ${how}`,
        saw: sawText(saw),
      });
    }
  }
  return made;
}

// The application of the lock is not asked for here, and neither is that of a neighbour: nobody may answer.
async function unmatched({ refusing }: ProofGround): Promise<readonly Proof[]> {
  const made: Proof[] = [];
  for (const socket of refusing.filter(isReachable)) {
    for (const [serverName, how] of NAMELESS) {
      const saw = await knockAt(socket, { serverName, host: 'unknown.invalid', path: '/' });
      const asked = `${listenerText(socket)} for a name that no site has, ${how}`;
      made.push({ holds: isRefusal(saw), by: 'unmatched', asked, saw: sawText(saw) });
    }
  }
  return made;
}

const NAMELESS = [
  [null, 'without a name in the handshake'],
  ['unknown.invalid', 'with another name in the handshake'],
] as const;

/** Asks through the edge for the word: only a pull with an accepted certificate brings back SUCCESS. */
export async function provenThroughEdge(ground: ProofGround, proof: ProofPath): Promise<readonly Proof[]> {
  // The server has answered with the word already: what is waited for is an edge that was just switched on.
  return patiently({ ...ground, patience: Math.min(ground.patience, EDGE_PATIENCE) }, async () => {
    const made: Proof[] = [];
    for (const name of ground.served) {
      for (const edge of ground.edges) {
        const saw = await knock({ ...edge, serverName: shown(name), path: proof.path, ...PLAIN_ASKING });
        made.push({
          holds: tells(saw, `${proof.word} SUCCESS`),
          by: 'edge',
          name,
          asked: `the edge at ${edge.address}:${edge.port} for ${name}`,
          saw: edgeSaw(saw, proof),
        });
      }
    }
    return made;
  });
}

const PLAIN_ASKING = {
  credential: null,
  headers: ['Cache-Control: no-cache', 'User-Agent: Postern-Proof'],
  timeout: TIMEOUT,
} as const;

function edgeSaw(knocked: Knocked, { word }: ProofPath): string {
  if (!tells(knocked, word)) return `${sawText(knocked)}; the request did not come to this server`;
  const body = knocked.body.toString('latin1');
  const verdict =
    body
      .slice(body.indexOf(word) + word.length)
      .trim()
      .split('\n')[0] ?? '';
  if (verdict === '') return 'it pulls over plain HTTP, without TLS';
  return verdict === 'NONE' ? 'it came without a certificate' : `this server says ${verdict} of its certificate`;
}

/** The statuses with which the edge answers for `/`, before and after; to see whether a lock changed what visitors get. */
export async function statusesThroughEdge({ served, edges }: ProofGround): Promise<readonly (number | null)[]> {
  const asked = served.flatMap((name) =>
    edges.map((edge) => knock({ ...edge, serverName: shown(name), path: '/', ...PLAIN_ASKING })),
  );
  return (await Promise.all(asked)).map(({ saw }) => (saw.kind === 'answered' ? saw.answer.status : null));
}

async function patiently(ground: ProofGround, look: () => Promise<readonly Proof[]>): Promise<readonly Proof[]> {
  const until = performance.now() + ground.patience;
  for (;;) {
    const made = await look();
    if (made.every(({ holds }) => holds) || performance.now() >= until) return made;
    await after(PAUSE);
  }
}

async function each<T>(
  sockets: readonly Listener[],
  names: readonly string[],
  look: (socket: Listener, name: string) => Promise<T>,
): Promise<readonly T[]> {
  const made: T[] = [];
  for (const socket of sockets) for (const name of names) made.push(await look(socket, name));
  return made;
}

function tlsSockets({ sockets }: ProofGround): readonly Listener[] {
  return sockets.filter((socket) => socket.tls && isReachable(socket));
}

function isReachable({ family, proxied }: Listener): boolean {
  return family !== 'unix' && !proxied;
}

function knockAt(socket: Listener, request: Partial<Knock> & Pick<Knock, 'serverName' | 'path'>): Promise<Knocked> {
  const address = socket.host === '*' ? '127.0.0.1' : socket.host === '::' ? '::1' : socket.host;
  return knock({ address, port: socket.port, credential: null, headers: [], timeout: TIMEOUT, ...request });
}

// A wildcard stands for any name below it.
function shown(name: string): string {
  return name.replace(/^\*\./, 'postern-proof.');
}

function tells({ body }: Knocked, word: string): boolean {
  return body.includes(word);
}

const REFUSING: ReadonlySet<number> = new Set([400, 403, 421, 495, 496]);

function isRefusal({ saw }: Knocked): boolean {
  return saw.kind === 'alert' || saw.kind === 'closed' || (saw.kind === 'answered' && REFUSING.has(saw.answer.status));
}

function sawText({ saw }: Knocked): string {
  switch (saw.kind) {
    case 'answered':
      return `answered ${saw.answer.status}`;
    case 'alert':
      return `refused with alert ${saw.number}`;
    case 'closed':
      return 'refused, the connection was closed';
    case 'silent':
      return 'nothing came back in time';
    case 'unreachable':
      return `not reachable (${saw.code})`;
    case 'unreadable':
    case 'not_resumed':
    case 'no_http2':
      return 'an answer came that cannot be read';
  }
}
