import type { TLSSocket } from 'node:tls';
import { type Admission, DENIALS } from '../../domain/admit.ts';
import { type Hostname, hostname } from '../../domain/ids.ts';
import type { RequestHead } from '../../http1/head.ts';
import type { Reply } from '../../http1/responder.ts';
import { ServerConnection, type ServerWorld } from '../../http1/server-connection.ts';
import type { UnreadPage } from '../../http1/unread-request.ts';
import { forward } from '../../pull/forward.ts';
import type { OriginRequest } from '../../pull/origin-request.ts';
import type { PullFacts } from '../../pull/pull-facts.ts';
import { gatewayStatus } from './applications.ts';
import type { Caller } from './caller.ts';
import type { Carried, GuardedConnection, GuardWorld } from './guard-world.ts';
import { type GuardPage, guardReply, PAGES } from './pages.ts';
import { sentBack } from './sent-on.ts';
import { visitorCertLine } from './told.ts';

type LetIn = Exclude<Admission, { kind: 'deny' }>;

/** An HTTP/1.1 connection of somebody who was let in. Each request is judged again. */
export class GuardConnection extends ServerConnection implements GuardedConnection {
  readonly #caller: Caller;
  readonly #world: GuardWorld;

  constructor(
    { socket, carrier }: Carried<TLSSocket>,
    caller: Caller,
    world: GuardWorld & Pick<ServerWorld, 'nextId'>,
  ) {
    const { nextId, clock, limits } = world;
    super(socket, { carrier, nextId, clock, limits });
    this.#caller = caller;
    this.#world = world;
  }

  // Nobody closes one side alone over TLS.
  protected override get halfOpen(): boolean {
    return false;
  }

  protected override get ownLines(): string {
    return '';
  }

  protected override begun(head: RequestHead): void {
    // TRACE would show a caller the fields that are added (RFC 9110 §9.3.8); CONNECT asks for a tunnel.
    if (head.method === 'CONNECT' || head.method === 'TRACE') return this.#turnAway('method');
    const host = hostname(head.host);
    if (host === null || !this.#caller.site.covers(this.#caller.name, host)) return this.#turnAway('misdirected');
    const admission = this.#caller.admission(host);
    if (admission.kind === 'deny') return this.#deny(admission);
    this.#forward(host, admission);
  }

  protected override unread({ code, status, text }: UnreadPage, id: string): Reply {
    const { address, name } = this.#caller;
    this.#world.meters.unread(code);
    this.#world.log('request_refused', { id, code, address, name });
    return guardReply({ status, text }, id);
  }

  protected override fault(error: unknown): void {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    this.#world.log('guard_fault', { error: message, stack: stack ?? null });
  }

  #turnAway(code: 'method' | 'misdirected'): void {
    this.#world.meters.unread(code);
    const { address, name } = this.#caller;
    this.#world.log('request_refused', { id: this.id, code, address, name });
    this.page(guardReply(PAGES[code], this.id));
  }

  // Let in before, and no longer: its certificate has ended, or was revoked, or the lock is shut again.
  #deny({ because }: Extract<Admission, { kind: 'deny' }>): void {
    const { address, name, leaf } = this.#caller;
    this.#world.meters.refused(because);
    this.#world.refusals.refused({ because, address, name, leaf });
    const { status, text } = DENIALS[because];
    this.page({ ...guardReply({ status, text: `${text}.` }, this.id), last: true });
  }

  #forward(host: Hostname, admission: LetIn): void {
    const { site } = this.#caller;
    const way = { pool: this.#world.applications.pool(site.site.application.place, site.name) };
    const passing = this.#caller.passing(admission);
    forward(this, {
      way,
      tally: null,
      request: (_way, upgrade) => this.#request(admission, upgrade),
      sentBack,
      trailers: passing.trailers,
      next: () => null,
      again: () => undefined,
      moved: () => this.#answerFor(PAGES.draining, admission),
      over: (facts) => this.#over(facts, host, admission),
      clock: this.#world.clock,
    });
  }

  #request(admission: LetIn, upgrade: string | null): OriginRequest {
    const { method, path, authority, framing, fields } = this.head;
    const { lines, fields: told } = this.#caller.forwarding(admission);
    const visitor = admission.kind === 'admit' && admission.via === 'edge' ? visitorCertLine(fields) : '';
    return {
      ...this.#caller.passing(admission).fields(fields),
      method,
      path,
      authority,
      forwarding: visitor === '' ? this.#caller.forwarding(admission) : { fields: told, lines: lines + visitor },
      clientCert: null,
      loop: null,
      ray: null,
      framing,
      upgrade,
    };
  }

  #over({ failure, status, endedAt, told }: PullFacts, host: Hostname, admission: LetIn): void {
    if (failure === null) return this.#count(admission, told?.status ?? status, endedAt);
    this.#world.meters.applicationFailed(failure.code);
    this.#world.log('guard_application_failed', { id: this.id, host, code: failure.code, detail: failure.detail });
    if (status !== 0) return this.#count(admission, status, endedAt);
    const answer = gatewayStatus(failure.code);
    this.#answerFor(PAGES[answer], admission);
  }

  #answerFor(page: GuardPage, admission: LetIn): void {
    this.#count(admission, page.status, this.#world.clock());
    this.page(guardReply(page, this.id));
  }

  #count(admission: LetIn, status: number, at: number): void {
    this.#world.meters.request(admission.kind === 'admit' ? admission.via : 'unverified', status, at - this.since);
  }
}
