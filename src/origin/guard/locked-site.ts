import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { AdmitPolicy } from '../../domain/admit.ts';
import { type Hostname, type Instant, wildcardAbove } from '../../domain/ids.ts';
import type { Log } from '../../wire/log.ts';
import { caPem, type LockPolicy } from '../policy.ts';
import { policyPaths, readPolicy } from '../policy-files.ts';
import type { PolicyProblem } from '../policy-problems.ts';
import { type Credential, readCredential } from './credential.ts';
import { doubtsOf, doubtText, endingDoubt, GUARD_DOUBTS } from './doubts.ts';
import { NONE_OPEN, type Openings, readOpenings } from './openings.ts';
import { type GuardProblem, sentencesOf } from './problems.ts';
import { type Identifying, identifying } from './sent-on.ts';
import type { Site } from './site.ts';

/** The lock of one site as it is in force: all of it was good when it was read. */
interface InForce {
  readonly policy: LockPolicy;
  /** The same, refusing nobody. */
  readonly watching: AdmitPolicy;
  readonly credential: Credential;
  readonly context: SecureContext;
}

/** A site that cannot be locked: what is wrong, and what to do. */
export class LockFault extends Error {
  override readonly name = 'LockFault';
  readonly fix: string;
  /** Whether something was written wrong, and not the content of a file. */
  readonly isWrongUse: boolean;

  constructor(problem: PolicyProblem | GuardProblem, site: Site) {
    const { text, fix } = sentencesOf(problem);
    const file = fileOf(problem, site);
    super(`${site.hostnames[0]}: ${text}${file === null || text.includes(file) ? '' : ` (${file})`}`);
    this.fix = fix;
    this.isWrongUse = file === null;
  }
}

const POLICY_FILES = ['bundle', 'crl', 'alsoTrust', 'alsoTrustCrl'] as const;

/** The file that is to blame; `null` where none is. */
function fileOf({ field, kind }: PolicyProblem | GuardProblem, { policy, credential }: Site): string | null {
  if (kind === 'guard_problem') return field === 'server_cert' ? credential.certificate : credential.key;
  const named = POLICY_FILES.find((one) => one === field);
  return named === undefined ? null : (policy[named] ?? null);
}

/**
 * A site with its lock. Its files are read again when they change; what is wrong then is said, and the last good state stays
 * in force: a bundle that vanishes neither opens the lock nor keeps the edge out. A CA that has expired never admits.
 */
export class LockedSite {
  readonly site: Site;
  readonly identifying: Identifying;
  readonly #log: Log;
  #inForce: InForce;
  #openings: Openings = NONE_OPEN;
  /** Names of which it was said that they are open. */
  readonly #toldOpen = new Set<Hostname>();
  #manifestFault: string | null = null;
  #manifestVersion: number | null = null;
  /** What stands against the newest files, by what they are for. */
  readonly #faults = new Map<'policy' | 'credential', string>();
  #reminded: Instant | null = null;

  /** Throws `LockFault` where the site cannot be locked as it is. */
  constructor(site: Site, log: Log, now: Instant) {
    this.site = site;
    this.identifying = identifying(site.verifiedHeader);
    this.#log = log;
    const policy = readPolicy(site.policy, now);
    if (policy.kind === 'problem') throw new LockFault(policy, site);
    const credential = readCredential(site.credential, now);
    if (credential.kind === 'guard_problem') throw new LockFault(credential, site);
    this.#inForce = inForce(policy, credential);
    this.#sayLock();
    this.#sayCredential();
    this.#sayDoubts(now);
    this.#readOpenings(now);
  }

  get name(): Hostname {
    return this.site.hostnames[0];
  }

  get policy(): LockPolicy {
    return this.#inForce.policy;
  }

  get context(): SecureContext {
    return this.#inForce.context;
  }

  get credential(): Credential {
    return this.#inForce.credential;
  }

  /** Whether the newest files are not the ones in force, because something is wrong with them. */
  get stale(): boolean {
    return this.#faults.size > 0 || this.#manifestFault !== null;
  }

  /** When the last CA of the edge ends. */
  get bundleEnds(): number {
    return Math.max(...this.policy.edge.anchors.map(({ notAfter }) => notAfter));
  }

  /** How all of its names are locked: `open` where an opening holds for one of them. */
  mode(now: Instant): 'enforce' | 'watch' | 'open' {
    if (this.policy.admit.mode === 'watch') return 'watch';
    return this.#openNow(now).length > 0 ? 'open' : 'enforce';
  }

  /** Called about once a second: says what has opened, shut, or will end. */
  tick(now: Instant): void {
    this.#sayOpenings(now);
    this.#remind(now);
  }

  /** All files whose change matters. */
  get paths(): readonly string[] {
    const { policy, credential, manifest } = this.site;
    const signed = manifest === null ? [] : [manifest.text, manifest.signature];
    return [...policyPaths(policy), credential.certificate, credential.key, ...signed];
  }

  /** What to judge callers of this name by, at this moment. */
  judgedBy(name: Hostname, now: Instant): AdmitPolicy {
    return this.isWatched(name, now) ? this.#inForce.watching : this.#inForce.policy.admit;
  }

  /** Whether nobody is refused under this name: by the owner's wish, or for a while by a signed opening. */
  isWatched(name: Hostname, now: Instant): boolean {
    if (this.#inForce.policy.admit.mode === 'watch') return true;
    if (this.#openings.kind === 'fault' || this.#openings.until.size === 0) return false;
    const end = this.#openUntil(name, this.#openings.until);
    return end !== undefined && now < end;
  }

  /** Whether a handshake under this name may be followed by requests for that host. */
  covers(name: Hostname, host: Hostname): boolean {
    if (name === host) return includes(this.site.hostnames, host);
    return includes(this.site.serverNames, name) && includes(this.site.hostnames, host);
  }

  /** Reads all files again. Good ones take effect at once; of bad ones the ones before stay in force. */
  reload(now: Instant): void {
    const policy = readPolicy(this.site.policy, now);
    const credential = readCredential(this.site.credential, now);
    this.#note('policy', policy.kind === 'problem' ? policy : null);
    this.#note('credential', credential.kind === 'guard_problem' ? credential : null);
    const before = this.#inForce;
    try {
      this.#inForce = inForce(
        policy.kind === 'problem' ? before.policy : policy,
        credential.kind === 'guard_problem' ? before.credential : credential,
      );
    } catch (error) {
      // OpenSSL judges some things only when it loads them.
      this.#log('guard_policy_refused', { site: this.name, because: (error as Error).message });
      this.#faults.set('policy', (error as Error).message);
      return;
    }
    if (policy.kind !== 'problem') this.#sayLock();
    if (credential.kind === 'credential' && credential.chain !== before.credential.chain) this.#sayCredential();
    this.#sayDoubts(now);
    this.#readOpenings(now);
  }

  /** Reads what is open now, and says what has opened or shut since the last time. */
  #readOpenings(now: Instant): void {
    const { manifest, policy } = this.site;
    if (manifest === null) return;
    const files = { bundle: policy.bundle, manifest: manifest.text, signature: manifest.signature };
    this.#openings = readOpenings(files, { trusted: this.policy.edge.cas, version: this.#manifestVersion }, now);
    if (this.#openings.kind === 'openings') this.#manifestVersion = this.#openings.version;
    const fault = this.#openings.kind === 'fault' ? this.#openings.because : null;
    if (fault !== null && fault !== this.#manifestFault)
      this.#log('guard_manifest_refused', { site: this.name, file: manifest.text, because: fault });
    this.#manifestFault = fault;
    this.#sayOpenings(now);
  }

  /** Says which locks are open now that were not, and the other way round. */
  #sayOpenings(now: Instant): void {
    if (this.site.manifest === null) return;
    const open = this.#openNow(now);
    for (const [host, until] of open) {
      if (this.#toldOpen.has(host)) continue;
      this.#toldOpen.add(host);
      this.#log('guard_lock_opened', { site: this.name, host, until: new Date(until).toISOString() });
    }
    for (const host of this.#toldOpen) {
      if (open.some(([name]) => name === host)) continue;
      this.#toldOpen.delete(host);
      this.#log('guard_lock_shut', { site: this.name, host });
    }
  }

  #openNow(now: Instant): readonly (readonly [Hostname, Instant])[] {
    if (this.#openings.kind === 'fault') return [];
    const names = [...this.site.hostnames, ...this.site.serverNames];
    return [...this.#openings.until].filter(([host, until]) => now < until && includes(names, host));
  }

  // A wildcard stands for names that nothing nearer stands for: opening it opens no name that has a place of its own.
  #openUntil(name: Hostname, until: ReadonlyMap<Hostname, Instant>): number | undefined {
    const own = (one: Hostname) => this.site.hostnames.includes(one) || this.site.serverNames.includes(one);
    const end = (one: Hostname) => until.get(one) ?? (own(one) ? -Infinity : undefined);
    return end(name) ?? wildcardAbove(name, end);
  }

  /** What is in force and yet keeps the edge out, or soon will: at the start, and whenever files are read again. */
  #sayDoubts(now: Instant): void {
    for (const doubt of doubtsOf(this.site, { leaf: this.credential.leaf, cas: this.policy.edge.cas })) {
      const { names, file, because, fix } = doubtText(doubt, this.site);
      this.#log('guard_doubtful', { site: this.name, names, file, because, fix });
    }
    this.#reminded = null;
    this.#remind(now);
  }

  /** Once a day, that the edge will see a certificate that has ended, or does so already. */
  #remind(now: Instant): void {
    if (this.#reminded !== null && now - this.#reminded < DAY) return;
    const code = endingDoubt(this.credential.leaf, now);
    if (code === null) return;
    this.#reminded = now;
    const { text: because, fix } = GUARD_DOUBTS[code];
    const ends = new Date(this.credential.leaf.notAfter).toISOString();
    const file = this.site.credential.certificate;
    this.#log('guard_certificate_ending', { site: this.name, file, ends, because, fix });
  }

  #note(what: 'policy' | 'credential', problem: PolicyProblem | GuardProblem | null): void {
    if (problem === null) {
      this.#faults.delete(what);
      return;
    }
    const { text } = sentencesOf(problem);
    this.#faults.set(what, text);
    const event = what === 'policy' ? 'guard_policy_refused' : 'guard_certificate_refused';
    const file = fileOf(problem, this.site);
    this.#log(event, { site: this.name, field: problem.field, file, because: text });
  }

  #sayLock(): void {
    const { admit, edge, own } = this.policy;
    this.#log('guard_lock', {
      site: this.name,
      names: [...(admit.names ?? [])].join(' '),
      mode: admit.mode,
      cas: edge.anchors.map(({ fingerprint }) => fingerprint).join(' '),
      own_cas: own === null ? null : own.anchors.map(({ fingerprint }) => fingerprint).join(' '),
      until: new Date(Math.max(...edge.anchors.map(({ notAfter }) => notAfter))).toISOString(),
      lists: admit.listed,
    });
  }

  #sayCredential(): void {
    const { subject, fingerprint, notAfter } = this.credential.leaf;
    const expires = new Date(notAfter).toISOString();
    this.#log('guard_certificate', {
      site: this.name,
      file: this.site.credential.certificate,
      subject,
      fingerprint,
      expires,
    });
  }
}

function includes(names: readonly Hostname[], name: Hostname): boolean {
  return (
    names.includes(name) || wildcardAbove(name, (above) => (names.includes(above) ? above : undefined)) !== undefined
  );
}

const DAY = 86_400_000;

// Whoever resumed a session would come in as whoever began it: there are no sessions to resume.
const NO_SESSIONS = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;

function inForce(policy: LockPolicy, credential: Credential): InForce {
  const context = createSecureContext({
    cert: credential.chain,
    key: credential.key.reveal(),
    ca: caPem(policy),
    minVersion: 'TLSv1.2',
    secureOptions: NO_SESSIONS,
  });
  return { policy, watching: { ...policy.admit, mode: 'watch' }, credential, context };
}
