import type { TLSSocket } from 'node:tls';
import { type Admission, DENIALS } from '../../domain/admit.ts';
import { type Hostname, hostname } from '../../domain/ids.ts';
import { type Fields, get } from '../../http1/fields.ts';
import type { RequestHead } from '../../http1/head.ts';
import type { Reply } from '../../http1/responder.ts';
import type { SentOn } from '../../http1/sent-on.ts';
import { ServerConnection, type ServerWorld } from '../../http1/server-connection.ts';
import type { UnreadPage } from '../../http1/unread-request.ts';
import { forward, type PullJob, type Way } from '../../pull/forward.ts';
import type { OriginRequest } from '../../pull/origin-request.ts';
import type { PullFacts } from '../../pull/pull-facts.ts';
import { gatewayStatus } from './applications.ts';
import type { Caller } from './caller.ts';
import type { Carried, GuardedConnection, GuardWorld } from './guard-world.ts';
import { type GuardPage, guardReply, PAGES } from './pages.ts';
import { sentBack } from './sent-on.ts';
import { visitorCertLine } from './told.ts';
import { watchedLine } from './watched-line.ts';

type LetIn = Exclude<Admission, { kind: 'deny' }>;

/** A host that was asked for, and whether it may be on this connection; `null` where it may not. */
interface Asked {
  readonly host: string;
  readonly name: Hostname | null;
}

/** An HTTP/1.1 connection of somebody who was let in. Each request is judged again. It is its own job: there is one at a time. */
export class GuardConnection extends ServerConnection implements GuardedConnection, PullJob<Way> {
  readonly tally = null;
  readonly #caller: Caller;
  readonly #world: GuardWorld;
  /** Nearly all requests of a connection are for one host. */
  #asked: Asked = { host: '', name: null };
  #way: Way | null = null;
  #admission: LetIn | null = null;

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

  get way(): Way {
    const { site } = this.#caller;
    const pool = this.#world.applications.pool(site.site.application.place, site.name);
    if (this.#way?.pool !== pool) this.#way = { pool };
    return this.#way;
  }

  request(_way: Way, upgrade: string | null): OriginRequest {
    const { method, path, authority, framing, fields } = this.head;
    const admission = this.#letIn;
    const forwarding = this.#caller.forwarding(admission);
    const visitor = isEdge(admission) ? visitorCertLine(fields) : '';
    return {
      ...this.#caller.passing(admission).fields(fields),
      method,
      path,
      authority,
      forwarding: visitor === '' ? forwarding : { fields: forwarding.fields, lines: forwarding.lines + visitor },
      clientCert: null,
      loop: null,
      ray: null,
      framing,
      upgrade,
    };
  }

  sentBack(fields: Fields, status: number): SentOn {
    return sentBack(fields, status);
  }

  trailers(fields: Fields): Fields {
    return this.#caller.passing(this.#letIn).trailers(fields);
  }

  next(): null {
    return null;
  }

  again(): void {}

  moved(): void {
    this.#answerFor(PAGES.draining);
  }

  over({ failure, status, endedAt, told }: PullFacts): void {
    if (failure === null) return this.#count(told?.status ?? status, endedAt);
    const { id } = this;
    this.#world.meters.applicationFailed(failure.code);
    const { code, detail } = failure;
    this.#world.refusals.other('guard_application_failed', code, { id, host: this.#asked.name, code, detail });
    if (status !== 0) return this.#count(status, endedAt);
    this.#answerFor(PAGES[gatewayStatus(code)]);
  }

  clock(): number {
    return this.#world.clock();
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
    const name = this.#named(head.host);
    if (name === null) return this.#turnAway('misdirected');
    const admission = this.#caller.admission(name);
    if (admission.kind === 'deny') return this.#deny(admission);
    this.#admission = admission;
    this.#tell(head, name, admission);
    forward(this, this);
  }

  protected override unread({ code, status, text }: UnreadPage, id: string): Reply {
    const { address, name } = this.#caller;
    this.#world.meters.unread(code);
    this.#world.refusals.other('request_refused', code, { id, code, address, name });
    return guardReply({ status, text }, id);
  }

  protected override fault(error: unknown): void {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    this.#world.log('guard_fault', { error: message, stack: stack ?? null });
  }

  get #letIn(): LetIn {
    if (this.#admission === null) throw new Error('nobody was let in');
    return this.#admission;
  }

  #named(host: string): Hostname | null {
    if (this.#asked.host !== host) {
      const name = hostname(host);
      const { site, name: shaken } = this.#caller;
      // A name that has a site of its own below a wildcard of this one belongs to that.
      const fits = name !== null && this.#world.siteFor(name) === site && site.covers(shaken, name);
      this.#asked = { host, name: fits ? name : null };
    }
    return this.#asked.name;
  }

  #tell({ method, path, fields }: RequestHead, host: Hostname, admission: LetIn): void {
    const { came, now } = this.#world;
    if (came === null) return;
    const request = { host, request: `${method} ${path}`, agent: get(fields, 'user-agent') ?? '' };
    const line = watchedLine(this.#caller, admission, request, now());
    if (line !== null) came(this.#caller.site.site, line);
  }

  #turnAway(code: 'method' | 'misdirected'): void {
    this.#world.meters.unread(code);
    const { address, name } = this.#caller;
    this.#world.refusals.other('request_refused', code, { id: this.id, code, address, name });
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

  #answerFor(page: GuardPage): void {
    this.#count(page.status, this.#world.clock());
    this.page(guardReply(page, this.id));
  }

  #count(status: number, at: number): void {
    const admission = this.#letIn;
    this.#world.meters.request(admission.kind === 'admit' ? admission.via : 'unverified', status, at - this.since);
  }
}

function isEdge(admission: LetIn): boolean {
  return admission.kind === 'admit' && admission.via === 'edge';
}
