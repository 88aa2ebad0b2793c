import type { TLSSocket } from 'node:tls';
import { type Admission, admit } from '../../domain/admit.ts';
import type { X509Facts } from '../../domain/certificate.ts';
import type { Hostname, Instant } from '../../domain/ids.ts';
import type { Forwarding } from '../../pull/origin-request.ts';
import { peerOf } from '../peer.ts';
import type { LockPolicy } from '../policy.ts';
import type { LockedSite } from './locked-site.ts';
import type { Passing } from './sent-on.ts';
import { tellingFields } from './told.ts';

/** A verdict, and as long as it need not be asked for again. */
interface Judged {
  readonly admission: Admission;
  readonly by: LockPolicy;
  readonly from: number;
  readonly until: number;
}

/**
 * Who is at the far end of one connection, judged by the policy of the name in its handshake: at first, and again whenever
 * that could come out otherwise, because the policy has changed or a certificate or a list has ended.
 */
export class Caller {
  readonly site: LockedSite;
  readonly name: Hostname;
  readonly address: string;
  /** As Node names it. */
  readonly tlsVersion: string;
  readonly #socket: TLSSocket;
  readonly #now: () => Instant;
  #judged: Judged | null = null;
  #leaf: X509Facts | null = null;
  #told: { readonly admission: Admission; readonly forwarding: Forwarding } | null = null;

  constructor(
    socket: TLSSocket,
    { site, name, address }: { readonly site: LockedSite; readonly name: Hostname; readonly address: string },
    now: () => Instant,
  ) {
    this.#socket = socket;
    this.site = site;
    this.name = name;
    this.address = address;
    this.tlsVersion = socket.getProtocol() ?? '';
    this.#now = now;
  }

  /** What it showed; `null` for nothing. */
  get leaf(): X509Facts | null {
    return this.#leaf;
  }

  /** Whether it may in now, for requests to that host. */
  admission(host: Hostname = this.name): Admission {
    const now = this.#now();
    const known = this.#judged;
    if (known !== null && known.by === this.site.policy && now >= known.from && now <= known.until)
      return known.admission;
    return this.#judge(host, now);
  }

  /** What the application is told of whoever was let in. */
  forwarding(admission: Exclude<Admission, { kind: 'deny' }>): Forwarding {
    if (this.#told?.admission === admission) return this.#told.forwarding;
    const { address, site } = this;
    const forwarding = tellingFields(site.identifying.header, { admission, leaf: this.#leaf, address });
    this.#told = { admission, forwarding };
    return forwarding;
  }

  /** What goes on of what it sends. */
  passing(admission: Admission): Passing {
    const { fromEdge, fromOthers } = this.site.identifying;
    return admission.kind === 'admit' && admission.via === 'edge' ? fromEdge : fromOthers;
  }

  #judge(host: Hostname, now: Instant): Admission {
    const { site, name } = this;
    const peer = peerOf(this.#socket, site.policy, now);
    this.#leaf = peer.leaf;
    // A name that is open for a while opens no other one.
    const policy = site.isWatched(host, now) ? site.judgedBy(name, now) : site.policy.admit;
    const admission = admit(peer, policy, now);
    const path = admission.kind === 'admit' ? (peer.path ?? []) : [];
    const { from = -Infinity, until = Infinity } = policy.listed || policy.own?.listed ? (peer.standing ?? {}) : {};
    this.#judged = {
      admission,
      by: site.policy,
      from: Math.max(from, ...path.map(({ notBefore }) => notBefore)),
      // Who is not admitted may be so the next time.
      until: admission.kind === 'admit' ? Math.min(until, ...path.map(({ notAfter }) => notAfter)) : -Infinity,
    };
    return admission;
  }
}
