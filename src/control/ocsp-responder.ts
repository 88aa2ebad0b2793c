import { certificateStatus } from '../domain/certificate-status.ts';
import { type Instant, instant, type ZoneId } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import { namesIssuer, type OcspRequest, readOcspRequest } from '../pki/ocsp-request.ts';
import { type CertificateStatus, ocspFailure, writeOcspResponse } from '../pki/ocsp-response.ts';
import type { ControlState } from './control-state.ts';
import { type ListedCa, listedCas } from './listed-cas.ts';
import { errorFields } from './log.ts';
import { openSecret } from './secrets.ts';

const MINUTE = 60_000;
/** For callers whose clocks run behind. */
const BACKDATED = 60 * MINUTE;
const VALID_FOR = 12 * 60 * MINUTE;
/** How long an answer to a question without a nonce is given again, while nothing in the zone changes. */
const KEPT_FOR = 5 * MINUTE;
const KEPT = 1000;

/** A response as it is sent. */
export interface OcspResponse {
  readonly der: Buffer;
  /** Until when a cache may keep it; `null` for what answers one question only, and for failures. */
  readonly freshUntil: Instant | null;
}

interface Kept extends OcspResponse {
  /** The zone that it was held against, which is never changed but replaced. */
  readonly zone: Zone;
}

/**
 * Says of single certificates whether they are revoked (RFC 6960). Each CA answers for itself: there is no delegated
 * responder whose own certificate would have to be checked.
 */
export class OcspResponder {
  readonly #state: ControlState;
  readonly #kept = new Map<string, Kept>();

  constructor(state: ControlState) {
    this.#state = state;
  }

  /** The response to a request about certificates of a zone. There always is one. */
  async answer(zone: ZoneId | null, der: Uint8Array): Promise<OcspResponse> {
    const found = zone === null ? undefined : this.#state.zones.index.get(zone);
    const request = readOcspRequest(der);
    if (request === null) return failed('malformedRequest');
    if (found === undefined || this.#state.closed) return failed('unauthorized');
    const ca = responsible(this.#state, found, request);
    // RFC 5019 §2.2.3: not "unknown", for of another CA's certificates nothing can be said.
    if (ca === undefined) return failed('unauthorized');
    const key = request.certificates.map(({ certId }) => certId.toString('latin1')).join();
    const kept = request.nonce === null ? this.#kept.get(key) : undefined;
    const now = this.#state.clock();
    if (kept?.zone === found && (kept.freshUntil ?? now) > now) return kept;
    return this.#signed({ ca, zone: found, request, now }, key);
  }

  async #signed(question: Question, place: string): Promise<OcspResponse> {
    const { ca, zone, request, now } = question;
    const { store, vault, log } = this.#state;
    if (ca.isAway) return failed('tryLater');
    try {
      const key = await openSecret(store, vault, ca.purpose, ca.key);
      const der = writeOcspResponse(
        { certificate: ca.certificate, key, chain: [] },
        {
          producedAt: now,
          thisUpdate: instant(now - BACKDATED),
          nextUpdate: instant(now + VALID_FOR),
          statuses: statuses(question),
          nonce: request.nonce,
        },
      );
      if (request.nonce !== null) return { der, freshUntil: null };
      const kept = { der, freshUntil: instant(now + KEPT_FOR), zone };
      this.#keep(place, kept);
      return kept;
    } catch (error) {
      log('ocsp_failed', { zone: zone.id, issuer: ca.certificate.fingerprint, ...errorFields(error) });
      return failed('tryLater');
    }
  }

  #keep(place: string, kept: Kept): void {
    this.#kept.delete(place);
    this.#kept.set(place, kept);
    const oldest = this.#kept.size > KEPT ? this.#kept.keys().next() : undefined;
    if (oldest?.done === false) this.#kept.delete(oldest.value);
  }
}

interface Question {
  readonly ca: ListedCa;
  readonly zone: Zone;
  readonly request: OcspRequest;
  readonly now: Instant;
}

/** The CA of the first certificate that one of the zone's CAs could have issued: it signs for all that is asked. */
function responsible({ installation }: ControlState, zone: Zone, { certificates }: OcspRequest): ListedCa | undefined {
  const cas = listedCas(installation, zone);
  for (const asked of certificates) {
    const ca = cas.find(({ certificate }) => namesIssuer(asked, certificate));
    if (ca !== undefined) return ca;
  }
  return undefined;
}

function statuses({ ca, zone, request, now }: Question) {
  return request.certificates.map((asked) => {
    const known = namesIssuer(asked, ca.certificate)
      ? certificateStatus(zone, ca, { serial: asked.serial, now })
      : 'unknown';
    const status: CertificateStatus =
      typeof known === 'string' ? { kind: known } : { kind: 'revoked', at: known.at, reason: known.reason };
    return { certId: asked.certId, status };
  });
}

function failed(why: Parameters<typeof ocspFailure>[0]): OcspResponse {
  return { der: ocspFailure(why), freshUntil: null };
}
