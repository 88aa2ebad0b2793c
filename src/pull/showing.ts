import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { X509Facts } from '../domain/certificate.ts';
import type { Fingerprint, Instant } from '../domain/ids.ts';
import type { CertificateFault, FaultOfCertificate, OfferedCa, Showing } from '../domain/shown-certificate.ts';
import { namesHost } from '../pki/names-host.ts';
import { readCertificate } from '../pki/read.ts';
import { visible } from '../wire/visible.ts';
import type { Door, DoorTls } from './door.ts';
import { PULL_FAILURES, type PullFailureCode } from './failure.ts';
import { type OpenOptions, open } from './open.ts';

/** What a look needs besides the door. Its context believes what it is to be judged by. */
export interface ShowingOptions extends Omit<OpenOptions, 'session'> {
  readonly now: Instant;
  /** Certificates of origins that do not count any more. */
  readonly revoked: readonly Fingerprint[];
}

/** What came of a look, and how the handshake failed where it did. */
export interface ShowingOutcome {
  readonly showing: Showing;
  readonly failed: PullFailureCode | null;
}

/** Certificates that an origin sends which are looked at, and bytes of one of them. */
const MOST_SENT = 10;
const LONGEST = 16_384;
/** Characters of a name in a certificate that are told, and names. */
const MOST_TOLD = 200;
const MOST_NAMES = 20;

/**
 * Shakes hands with an origin once as a pull through the door would, but with whoever answers; judges what it shows as the
 * pull would, and closes at once. Nothing is sent to the origin, and nothing of it is read but its certificates.
 */
export function showing(
  door: Door & { readonly tls: DoorTls },
  { now, revoked, ...options }: ShowingOptions,
  done: (outcome: ShowingOutcome) => void,
): () => void {
  const trusting: Door = { ...door, tls: { ...door.tls, check: { kind: 'none' }, http2: false } };
  return open(trusting, { ...options, session: null }, (outcome) => {
    if (outcome.kind === 'failed') {
      const { code, detail } = outcome.failure;
      const why = `${PULL_FAILURES[code].text} (${told(detail)})`;
      return done({ showing: { kind: 'unseen', why }, failed: code });
    }
    const { socket } = outcome;
    // In TLS 1.3 a refusal may still come, and be reported to nobody.
    const judged = socket instanceof TLSSocket ? judge(socket, { door, now, revoked }) : UNJUDGED;
    socket.on('error', () => undefined).destroy();
    done({ showing: judged, failed: null });
  });
}

const UNJUDGED: Showing = { kind: 'unseen', why: 'The origin showed no certificate that could be read.' };

interface Terms extends Pick<ShowingOptions, 'now' | 'revoked'> {
  readonly door: Door & { readonly tls: DoorTls };
}

function judge(socket: TLSSocket, { door, now, revoked }: Terms): Showing {
  const sent = sentBy(socket);
  const [leaf] = sent;
  const facts = leaf === undefined ? null : factsOf(leaf);
  if (leaf === undefined || facts === null) return UNJUDGED;
  const { serverName } = door.tls;
  const faults = [...pathFaults(socket, facts, now)];
  if (!namesHost(leaf, serverName)) {
    const named = facts.dnsNames.length === 0 ? 'no host' : facts.dnsNames.join(', ');
    faults.push({ code: 'wrong_name', detail: `it names ${named}, not ${serverName}` });
  }
  if (revoked.includes(facts.fingerprint)) faults.push({ code: 'revoked', detail: '' });
  const isAstray = faults.some(({ code }) => code === 'self_signed' || code === 'unknown_ca');
  const end = isAstray ? endOfPath(sent) : undefined;
  if (end === undefined) return { kind: 'shown', certificate: facts, faults, offered: null, wanted: null };
  const offered = signed(end, end) ? offer(end, end === leaf ? 'self_signed' : 'sent', now) : null;
  const wanted = offered === null ? (factsOf(end)?.issuer ?? null) : null;
  return { kind: 'shown', certificate: facts, faults, offered, wanted };
}

function sentBy(socket: TLSSocket): readonly X509Certificate[] {
  const sent: X509Certificate[] = [];
  // Node hands out the chain only once.
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && sent.length < MOST_SENT) {
    sent.push(next);
    next = next.issuerCertificate;
  }
  return sent;
}

// As Node names what OpenSSL found; what is not here is told as it is.
const BY_CODE: Readonly<Record<string, CertificateFault>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_ca',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
};

/** OpenSSL tells one fault of a path; the dates of the certificate itself are looked at besides. */
function pathFaults(
  socket: TLSSocket,
  { notBefore, notAfter }: X509Facts,
  now: Instant,
): readonly FaultOfCertificate[] {
  const faults: FaultOfCertificate[] = [];
  // Node's types say Error, it is the code, or the text where OpenSSL has none.
  const code = socket.authorized ? null : String(socket.authorizationError);
  if (code !== null) {
    const known = BY_CODE[code];
    faults.push({ code: known ?? 'unfit', detail: known === undefined ? told(code) : '' });
  }
  const dates: CertificateFault | null = notAfter < now ? 'expired' : notBefore > now ? 'not_yet_valid' : null;
  if (code !== null && dates !== null && faults.every((one) => one.code !== dates))
    faults.push({ code: dates, detail: '' });
  return faults;
}

/** The last that the path of the certificate leads to among those that were sent: a CA that signed itself, or one below it. */
function endOfPath(sent: readonly X509Certificate[]): X509Certificate | undefined {
  let [at] = sent;
  for (let steps = 0; at !== undefined && steps < sent.length && !signed(at, at); steps += 1) {
    const present = at;
    const above = sent.find((one) => one !== present && signed(present, one));
    if (above === undefined) return present;
    at = above;
  }
  return at;
}

function offer(at: X509Certificate, kind: OfferedCa['kind'], now: Instant): OfferedCa | null {
  const certificate = factsOf(at);
  // What signed itself stands for itself alone, whether or not it says to be a CA.
  const fits = certificate !== null && certificate.notAfter > now && (kind === 'self_signed' || certificate.isCa);
  return fits ? { kind, certificate } : null;
}

function signed(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    // What its key may be used for has no bearing on who signed: OpenSSL asks for more of an issuer.
    return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function factsOf({ raw }: X509Certificate): X509Facts | null {
  if (raw.length > LONGEST) return null;
  try {
    const facts = readCertificate(raw);
    return {
      ...facts,
      subject: told(facts.subject),
      issuer: told(facts.issuer),
      dnsNames: facts.dnsNames.slice(0, MOST_NAMES).map(told),
    };
  } catch {
    return null;
  }
}

/** What an origin says, as it may be shown to people: one short line. */
function told(text: string): string {
  return visible(text.length > MOST_TOLD ? `${text.slice(0, MOST_TOLD)}…` : text);
}
