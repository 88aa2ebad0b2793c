import type { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Answer, Handshake, Saw } from './observation.ts';
import { answerOf } from './probes/answer.ts';
import { AnswerReader, type ReadAnswer } from './probes/answer-reader.ts';
import { type Flight, MAX_FLIGHT, readFlight } from './probes/asking.ts';
import { askOverHttp2 } from './probes/http2-ask.ts';
import { requestText } from './probes/request-text.ts';
import { allowsEarlyData, rawSession } from './probes/session-ticket.ts';
import { TappedSocket } from './probes/tapped-socket.ts';
import type { Credential, Knock } from './knock-request.ts';

/** What came of it: also what is too much for an observation. */
export interface Knocked {
  readonly saw: Saw;
  /** What was read of the answer's body; empty where there was no answer. */
  readonly body: Buffer;
  readonly handshake: Handshake | null;
  /** Sessions that the server gave. */
  readonly sessions: readonly Buffer[];
  /** The server's certificate and what it sent along, in DER. */
  readonly shown: readonly Buffer[];
  /** Names of the authorities that the server would like, in DER. */
  readonly authorities: readonly Buffer[];
}

type Stage = Exclude<Extract<Saw, { kind: 'silent' }>['stage'], 'unasked'>;

/** What of a body has not come in this time after its beginning is left out: some have no end. */
const BODY_TIME = 1_500;
const MAX_SESSIONS = 2;

/**
 * Shakes hands, always sends a request, and reads before it says anything: in TLS 1.3 the server judges the client's
 * certificate only after the client has finished (RFC 8446 §4.4.2.4). Looks and never judges; a session is resumed only
 * where one is given.
 */
export function knock(request: Knock): Promise<Knocked> {
  return new Promise((resolve) => {
    begin(request, resolve);
  });
}

/** The same with a call back, which happens once. Answers the function that gives up; then nobody is told. */
export function begin(request: Knock, done: (knocked: Knocked) => void): () => void {
  const one = new Knocking(request, done);
  one.start();
  return () => one.giveUp();
}

class Knocking {
  readonly #request: Knock;
  readonly #reader = new AnswerReader();
  readonly #sessions: Buffer[] = [];
  /** `null` once somebody has been told, or nobody is to be. */
  #done: ((knocked: Knocked) => void) | null;
  #stage: Stage = 'connecting';
  #timer: NodeJS.Timeout | undefined;
  #tcp: Socket | null = null;
  #tls: TLSSocket | null = null;
  #giveUpAsking: () => void = () => undefined;
  #complete = false;
  /** Said when the handshake was over: a later one on the same connection may be another. */
  #resumed = false;
  #certificate: X509Certificate | undefined;
  #heard: Buffer[] = [];
  #heardBytes = 0;
  #secret: Buffer | null = null;

  constructor(request: Knock, done: (knocked: Knocked) => void) {
    this.#request = request;
    this.#done = done;
  }

  start(): void {
    const { address: host, port, plain, listens } = this.#request;
    this.#enter('connecting');
    if (plain === true || listens === true) {
      const tcp = connectTcp({ host, port, noDelay: true });
      this.#tcp = tcp;
      tcp.on('error', (error) => this.#failed(error));
      if (plain === true) tcp.on('end', () => this.#closed()).on('close', () => this.#closed());
      tcp.on('connect', () => (plain === true ? this.#ask(tcp) : this.#shakeHands(tcp)));
      return;
    }
    this.#shakeHands(null);
  }

  giveUp(): void {
    this.#done = null;
    this.#end();
  }

  #enter(stage: Stage): void {
    if (this.#done === null) return;
    this.#stage = stage;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#timedOut(), this.#request.timeout);
  }

  #shakeHands(tcp: Socket | null): void {
    const { address: host, port, serverName, session, protocol = 'http/1.1' } = this.#request;
    const way =
      tcp === null ? { host, port, noDelay: true } : { socket: new TappedSocket(tcp, (bytes) => this.#hear(bytes)) };
    const tls = connectTls({
      ...way,
      secureContext: this.#request.context ?? contextFor(this.#request.credential, this.#request.tlsVersion),
      // None where it is empty. Of an address Node warns, so that is said below.
      servername: serverName === null || isIP(serverName) !== 0 ? '' : serverName,
      // What is looked at is the door, not who stands behind it.
      rejectUnauthorized: false,
      // Some servers choose HTTP/1.1 whether it was offered or not.
      ALPNProtocols: protocol === 'h2' ? ['h2', 'http/1.1'] : ['http/1.1'],
      ...(session === undefined ? {} : { session }),
    });
    this.#tls = tls;
    if (serverName !== null && isIP(serverName) !== 0) sayAddress(tls, serverName);
    tls.on('error', (error) => this.#failed(error));
    tls.on('session', (given: Buffer) => {
      const raw = rawSession(given);
      if (raw !== null && this.#sessions.length < MAX_SESSIONS) this.#sessions.push(raw);
    });
    tls.on('connect', () => this.#enter('handshake'));
    if (tcp !== null) {
      this.#enter('handshake');
      tls.on('keylog', (line: Buffer) => this.#note(line));
    }
    tls.on('secureConnect', () => this.#secured(tls));
    // In the flight that ends the handshake: whoever refuses may reset, and a later write would meet that first.
    if (!this.#asksLater()) this.#send(tls);
    tls.on('end', () => this.#closed()).on('close', () => this.#closed());
  }

  /** Where it is decided after the handshake whether there is anything to ask. */
  #asksLater(): boolean {
    return this.#request.session !== undefined || this.#request.protocol === 'h2';
  }

  #secured(tls: TLSSocket): void {
    if (this.#done === null) return;
    this.#complete = true;
    this.#resumed = tls.isSessionReused();
    if (!this.#resumed) this.#certificate = tls.getPeerX509Certificate();
    this.#enter('answer');
    if (!this.#asksLater()) return;
    if (this.#request.session !== undefined && !this.#resumed)
      return this.#finish({ kind: 'not_resumed', why: 'declined' });
    if (this.#request.protocol !== 'h2') return this.#send(tls);
    if (tls.alpnProtocol !== 'h2') return this.#finish({ kind: 'no_http2' });
    this.#giveUpAsking = askOverHttp2(tls, this.#request, {
      began: (endHere) => this.#awaitBody(endHere),
      answered: (answer) => this.#answered(answer),
      failed: (error) => this.#failed(error),
    });
  }

  #ask(tcp: Socket): void {
    this.#enter('answer');
    this.#send(tcp);
  }

  #send(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.write(requestText(this.#request), 'latin1');
  }

  #read(bytes: Buffer): void {
    if (this.#done === null) return;
    const hadBegun = this.#reader.begun;
    const reading = this.#reader.feed(bytes);
    if (reading === 'done') return this.#told(false);
    if (reading !== 'more') return this.#finish({ kind: 'unreadable', detail: reading.unreadable });
    if (!hadBegun && this.#reader.begun) this.#awaitBody(() => this.#told(false));
  }

  /** Not until nothing more comes: a body that dribbles is as good as one without end. */
  #awaitBody(endHere: () => void): void {
    if (this.#done === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(endHere, Math.min(BODY_TIME, this.#request.timeout));
  }

  #closed(): void {
    if (this.#reader.begun) this.#told(true);
    else this.#finish(this.#instead() ?? { kind: 'closed' });
  }

  #timedOut(): void {
    this.#finish(this.#instead() ?? { kind: 'silent', stage: this.#stage });
  }

  #instead(): Saw | null {
    return this.#reader.instead === null ? null : { kind: 'unreadable', detail: this.#reader.instead };
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#reader.begun) this.#told(false);
    else this.#finish(sawError(error, this.#stage, this.#request.protocol));
  }

  #told(connectionEnded: boolean): void {
    const answer = this.#reader.taken(connectionEnded);
    if (answer !== null) this.#answered(answer);
  }

  #answered(read: ReadAnswer): void {
    const { host, serverName, targetAuthority, address, headers, verifiedHeaders = [] } = this.#request;
    const names = [host ?? '', serverName ?? '', targetAuthority ?? '', address];
    const asked = { names, agent: agentIn(headers), verifiedHeaders };
    const answer: Answer = answerOf(read, asked);
    this.#finish({ kind: 'answered', answer }, read.body);
  }

  #finish(saw: Saw, body: Buffer = Buffer.alloc(0)): void {
    const done = this.#done;
    if (done === null) return;
    this.#done = null;
    const flight = this.#request.listens === true ? readFlight(Buffer.concat(this.#heard), this.#secret) : null;
    const knocked: Knocked = {
      saw,
      body,
      handshake: this.#handshake(flight),
      sessions: this.#sessions,
      shown: flight === null ? [] : chainOf(this.#certificate),
      authorities: flight?.names ?? [],
    };
    this.#end();
    done(knocked);
  }

  #handshake(flight: Flight | null): Handshake | null {
    const tls = this.#tls;
    if (tls === null) return null;
    if (!this.#complete) {
      const unknown = { protocol: null, resumed: false, serverCertificate: null, earlyData: null };
      return flight === null ? null : { complete: false, version: flight.version, asks: flight.asks, ...unknown };
    }
    const version = tls.getProtocol();
    if (version !== 'TLSv1.2' && version !== 'TLSv1.3') return null;
    const { alpnProtocol } = tls;
    return {
      complete: true,
      version,
      protocol: alpnProtocol === 'h2' || alpnProtocol === 'http/1.1' ? alpnProtocol : null,
      resumed: this.#resumed,
      asks: flight?.asks ?? null,
      serverCertificate: this.#certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? null,
      ...(this.#certificate === undefined ? {} : { serverNames: dnsNames(this.#certificate) }),
      earlyData: version === 'TLSv1.3' && this.#sessions[0] !== undefined ? allowsEarlyData(this.#sessions[0]) : null,
    };
  }

  #hear(bytes: Buffer): void {
    if (this.#complete || this.#heardBytes >= MAX_FLIGHT) return;
    this.#heard.push(bytes);
    this.#heardBytes += bytes.length;
  }

  /** NSS key log format, which Node follows: label, client random, secret. */
  #note(line: Buffer): void {
    const [label, , secret] = line.toString('latin1').trim().split(' ');
    if (label === 'SERVER_HANDSHAKE_TRAFFIC_SECRET' && secret !== undefined) this.#secret = Buffer.from(secret, 'hex');
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#giveUpAsking();
    this.#tls?.destroy();
    this.#tcp?.destroy();
  }
}

/**
 * A context for knocking. Without any authority, because nobody is verified; and at the lowest level of security, because
 * an old server is to be looked at as well, and a weak key must not be refused by ourselves.
 */
export function contextFor(credential: Credential | null, tlsVersion: Knock['tlsVersion']): SecureContext {
  return createSecureContext({
    ca: [],
    ciphers: 'DEFAULT:@SECLEVEL=0',
    // Without the shares of post-quantum groups, the first flight fits into one packet, and costs a tenth less.
    ecdhCurve: 'X25519:P-256:P-384:P-521',
    ...(tlsVersion === undefined ? {} : { minVersion: tlsVersion, maxVersion: tlsVersion }),
    ...(credential === null ? {} : { cert: credential.cert, key: credential.key }),
  });
}

// RFC 6066 §3 has no addresses as names, and some clients say them all the same.
function sayAddress(tls: TLSSocket, address: string): void {
  if ('setServername' in tls && typeof tls.setServername === 'function') tls.setServername(address);
}

const MAX_CHAIN = 8;

function chainOf(leaf: X509Certificate | undefined): readonly Buffer[] {
  const chain: Buffer[] = [];
  let one = leaf;
  while (one !== undefined && chain.length < MAX_CHAIN) {
    chain.push(one.raw);
    one = one.issuerCertificate;
  }
  return chain;
}

const AGENT = 'User-Agent: ';

function agentIn(headers: readonly string[]): string {
  return headers.find((one) => one.startsWith(AGENT))?.slice(AGENT.length) ?? '';
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
]);

// RFC 7301 §3.2.
const NO_PROTOCOL = 120;

function sawError(error: NodeJS.ErrnoException, stage: Stage, protocol: Knock['protocol']): Saw {
  // OpenSSL's names of alerts mix protocol versions; the number is reliable.
  const alert = /alert number (\d+)/.exec(error.message)?.[1];
  if (alert !== undefined) {
    const number = Number(alert);
    return protocol === 'h2' && number === NO_PROTOCOL ? { kind: 'no_http2' } : { kind: 'alert', number };
  }
  const code = error.code ?? '';
  if (UNREACHABLE.has(code)) return { kind: 'unreachable', code };
  if (code === 'ETIMEDOUT') return { kind: 'silent', stage };
  // A stream that is reset is HTTP/2's way to close (RFC 9113 §5.4): it may want to be asked over HTTP/1.1.
  const reason = code === 'ERR_HTTP2_ERROR' ? 'no HTTP/2 that can be read' : opensslReason(error);
  return reason === null ? { kind: 'closed' } : { kind: 'unreadable', detail: reason };
}

/** What OpenSSL says of bytes that it cannot read. Where a write met the mistake, it stands in the text alone. */
function opensslReason({ code = '', message }: NodeJS.ErrnoException): string | null {
  const inText = /:SSL routines:[^:]*:([^:\n]{1,60})/.exec(message)?.[1];
  if (inText !== undefined) return inText;
  return code.startsWith('ERR_SSL_') ? code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ') : null;
}

const MOST_NAMES = 3;

function dnsNames({ subjectAltName = '' }: X509Certificate): readonly string[] {
  const names = subjectAltName.split(', ').flatMap((part) => (part.startsWith('DNS:') ? [part.slice(4)] : []));
  return names.slice(0, MOST_NAMES).map((name) => name.toLowerCase());
}
