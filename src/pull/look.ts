import { randomBytes } from 'node:crypto';
import type { Sight } from '../domain/proof.ts';
import type { Fields } from '../http1/fields.ts';
import { NO_BODY } from '../http1/framing.ts';
import type { ResponseHead } from '../http1/head.ts';
import { OriginConnection } from './connection.ts';
import type { Door } from './door.ts';
import type { PullFailure } from './failure.ts';
import type { Tunnel } from '../http1/splice.ts';
import type { Exchange, Reach } from './lane.ts';
import { type OpenOptions, type OpenOutcome, open } from './open.ts';
import type { OriginRequest } from './origin-request.ts';
import { isRefusalPage, REFUSAL_STATUS } from './refusal-page.ts';

/** What a look at an origin needs besides the door. The context says which certificate is shown. */
export interface LookOptions extends Omit<OpenOptions, 'session'> {
  /** Value of Host. */
  readonly authority: string;
  /** Value of CDN-Loop. */
  readonly loop: string;
}

/**
 * What came of one look. `unsettled`: the handshake broke off without a word that names certificates. By itself that says
 * nothing; beside another look through the same door that came further, it says that the certificate was the cause.
 */
export type Saw = Sight | { readonly kind: 'unsettled'; readonly alert: number | null };

/** Bytes of an answer that are read to see whether it is a refusal. */
const MAX_PAGE = 65_536;

/**
 * Shakes hands anew, as a pull through the door would, asks for `/` and calls back once with what came of it. In TLS 1.3
 * the server judges a certificate after the client has finished (RFC 8446 §4.4.2.4), so only an answer is an answer.
 * Nothing is kept: no connection, no session. Answers the function that gives up; then nobody is told.
 */
export function look(door: Door, options: LookOptions, done: (saw: Saw) => void): () => void {
  const one = new Look(options, done);
  one.start(door);
  return () => one.giveUp();
}

class Look implements Exchange {
  readonly method = 'GET';
  readonly upgrade = null;
  readonly #options: LookOptions;
  readonly #begun: number;
  /** `null` once somebody has been told, or nobody is to be. */
  #done: ((saw: Saw) => void) | null;
  #cancel: () => void = () => undefined;
  #connection: OriginConnection | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** An answer that may be nginx's refusal is read until that is known. */
  #page: Buffer | null = null;

  constructor(options: LookOptions, done: (saw: Saw) => void) {
    this.#options = options;
    this.#begun = options.clock();
    this.#done = done;
  }

  start(door: Door): void {
    this.#cancel = open(door, { ...this.#options, session: null }, (outcome) => {
      if (outcome.kind === 'failed') this.#finish(sawFailure(outcome.failure, 'unknown'));
      else this.#ask(outcome);
    });
  }

  giveUp(): void {
    this.#done = null;
    this.#end();
  }

  interim(): void {
    // The answer is still to come.
  }

  answered({ status }: ResponseHead): void {
    if (status === REFUSAL_STATUS) this.#page = Buffer.alloc(0);
    else this.#finish({ kind: 'answered', status });
  }

  data(chunk: Buffer): void {
    if (this.#page === null) return;
    this.#page = Buffer.concat([this.#page, chunk]);
    if (isRefusalPage(this.#page)) this.#finish({ kind: 'refused', how: 'page', alert: null });
    else if (this.#page.length >= MAX_PAGE) this.#finish(NO_PAGE);
  }

  paused(): void {
    // Nobody to hand anything on to.
  }

  ended(): void {
    this.#finish(NO_PAGE);
  }

  switched(_head: ResponseHead, { socket }: Tunnel): void {
    socket.destroy();
    this.#finish({ kind: 'failed', because: 'bad_answer' });
  }

  failed(failure: PullFailure, reach: Reach): void {
    this.#finish(this.#page === null ? sawFailure(failure, reach) : NO_PAGE);
  }

  drained(): void {
    // There is no body.
  }

  #ask({ socket, inlet, opening }: Extract<OpenOutcome, { kind: 'opened' }>): void {
    const { clock, timeout } = this.#options;
    const nothing = (): void => undefined;
    this.#connection = new OriginConnection(
      { socket, inlet },
      {
        opening,
        clock,
        answerTimeout: Number.POSITIVE_INFINITY,
        retireAt: Number.POSITIVE_INFINITY,
        session: nothing,
        proved: nothing,
        unproved: nothing,
        free: (connection) => connection.destroy(),
        closed: nothing,
      },
    );
    this.#timer = setTimeout(() => this.#timedOut(), Math.max(1, timeout - (clock() - this.#begun)));
    this.#connection.send(request(this.#options), this);
  }

  #timedOut(): void {
    this.#finish(this.#page === null ? { kind: 'failed', because: 'answer_timeout' } : NO_PAGE);
  }

  #finish(saw: Saw): void {
    const done = this.#done;
    this.#done = null;
    this.#end();
    done?.(saw);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#cancel();
    this.#connection?.destroy();
  }
}

/** An answer of its own, though with the status of nginx's refusal. */
const NO_PAGE: Sight = { kind: 'answered', status: REFUSAL_STATUS };

// A server may refuse a certificate by closing the connection without an alert, as Node's do. After a first byte of an
// answer an end is no such word.
function sawFailure({ code, alert }: PullFailure, reach: Reach): Saw {
  if (code === 'identity_refused') return { kind: 'refused', how: 'alert', alert };
  if (code === 'handshake_failed') return { kind: 'unsettled', alert };
  if (code === 'closed_early' && reach !== 'begun') return { kind: 'refused', how: 'closed', alert: null };
  return { kind: 'failed', because: code };
}

const FIELDS: Fields = {
  names: ['user-agent', 'accept', 'connection'],
  rawNames: ['User-Agent', 'Accept', 'Connection'],
  values: ['Postern-Proof', '*/*', 'close'],
};

function request({ authority, loop }: LookOptions): OriginRequest {
  return {
    method: 'GET',
    path: '/',
    authority,
    fields: FIELDS,
    keeps: () => true,
    forwarding: { fields: [], lines: '' },
    clientCert: null,
    loop,
    ray: randomBytes(8).toString('hex'),
    framing: NO_BODY,
    upgrade: null,
  };
}
