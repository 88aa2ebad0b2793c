import type { Observation } from './observation.ts';
import type { CredentialKind, Earlier, NameKind, Probe, Spelling } from './probe.ts';
import type { Target } from './target.ts';

/** With what probes can be made. */
export interface Means {
  readonly count: (kind: CredentialKind) => number;
  /** Names of other sites on the same server. */
  readonly otherNames: readonly string[];
  /** A header is known by which the application is told that all is well. */
  readonly forges: boolean;
  readonly path: string;
  /** `quick` shows none, a foreign one and the right one by the front door, and tries nothing else. */
  readonly thoroughness: Thoroughness;
}

export type Thoroughness = 'quick' | 'full';

type Version = Exclude<Probe['tls'], null>;

/** What the first looks at a target have shown, as far as it decides what else to try. */
export interface Found {
  /** Versions that are spoken there, or may be for others. */
  readonly versions: readonly Version[];
  /** Plain HTTP is answered. */
  readonly http: boolean;
  /** Nobody is there, or nobody who says a word: strangers need not try more. */
  readonly away: boolean;
  /** Somebody is there who says no word to strangers; the edge may hear one. */
  readonly mute: boolean;
}

const VERSIONS: readonly Version[] = ['TLSv1.2', 'TLSv1.3'];
// RFC 8446 §6.2.
const PROTOCOL_VERSION = 70;

/** The first looks: both versions of TLS, and plain HTTP, without any certificate. */
export function firstProbes(
  target: Target,
  { path, thoroughness }: Pick<Means, 'path' | 'thoroughness'>,
): readonly Probe[] {
  const make = maker(target, path);
  const plain = make({ tls: null, sni: 'none' });
  if (target.door === 'http') return [plain];
  return [...VERSIONS.map((tls) => make({ tls })), ...(thoroughness === 'quick' ? [] : [plain])];
}

/** What the first looks have shown. */
export function foundIn(first: readonly Observation[]): Found {
  const tls = first.filter(({ probe }) => probe.tls !== null);
  const versions = VERSIONS.filter((version) => tls.some(({ probe, saw }) => probe.tls === version && maySpeak(saw)));
  const http = first.some(({ probe, saw }) => probe.tls === null && saw.kind === 'answered');
  const away = first.every(({ saw }) => isAway(saw) || saw.kind === 'silent');
  return { versions, http, away, mute: away && !first.every(({ saw }) => isAway(saw)) };
}

function maySpeak(saw: Observation['saw']): boolean {
  if (isAway(saw)) return false;
  return saw.kind !== 'unreadable' && !(saw.kind === 'alert' && saw.number === PROTOCOL_VERSION);
}

function isAway(saw: Observation['saw']): boolean {
  return saw.kind === 'unreachable' || (saw.kind === 'silent' && saw.stage === 'connecting');
}

/** All further looks, in a good order. Those that resume a session come after those that make it. */
export function furtherProbes(target: Target, means: Means, found: Found): readonly Probe[] {
  const { versions, http, away, mute } = found;
  const plan = new Plan(target, means, versions);
  if (away) return mute ? plan.asTheEdge() : [];
  if (means.thoroughness === 'quick') return target.door === 'http' ? [] : plan.quickly();
  return [
    ...(target.door === 'http' || versions.length === 0 ? [] : plan.overTls()),
    ...(target.door === 'http' || (target.door === 'other' && http) ? plan.overHttp() : plan.atTheTlsDoor()),
  ];
}

/** Credentials that are shown in both versions, in this order. */
const SHOWN: readonly CredentialKind[] = [
  'right',
  'self_signed',
  'foreign',
  'same_name',
  'unwanted',
  'neighbour',
  'without_intermediate',
  'expired',
  'not_yet_valid',
  'server_only',
  'no_purpose',
  'revoked',
];
/** Good ones of others: what a listener that trusts several authorities might take for its own. */
const OTHERS: readonly CredentialKind[] = ['foreign', 'unwanted', 'neighbour'];
const SPELLINGS: readonly Spelling[] = ['upper_case', 'trailing_dot', 'with_port', 'absolute_form'];

type Wish = Partial<Omit<Probe, 'target' | 'path'>>;

function maker(target: Target, path: string): (wish: Wish) => Probe {
  return (wish) => ({
    target,
    credential: 'none',
    tls: null,
    protocol: 'http/1.1',
    sni: 'locked',
    host: 'locked',
    otherName: null,
    spelling: 'plain',
    resumes: null,
    forges: null,
    path,
    turn: 0,
    ...wish,
  });
}

class Plan {
  readonly #means: Means;
  readonly #versions: readonly Version[];
  /** Where one version will do. */
  readonly #main: Version;
  readonly #make: (wish: Wish) => Probe;

  constructor(target: Target, means: Means, versions: readonly Version[]) {
    this.#means = means;
    this.#versions = versions;
    this.#main = versions.at(-1) ?? 'TLSv1.3';
    this.#make = maker(target, means.path);
  }

  overTls(): readonly Probe[] {
    return [
      ...this.#credentials(),
      ...this.#names(),
      ...this.#ofOthers(),
      ...this.#spellings(),
      ...this.#forgedKeys(),
      ...this.#forgedHeaders(),
      ...this.#http2(),
      ...this.#resumed(),
    ];
  }

  quickly(): readonly Probe[] {
    return [...this.#each('right'), ...this.#each('foreign')];
  }

  asTheEdge(): readonly Probe[] {
    return this.#each('right');
  }

  /** Plain HTTP where it is not spoken, as far as anybody knows. */
  atTheTlsDoor(): readonly Probe[] {
    return this.#means.forges ? [this.#make({ tls: null, sni: 'none', forges: 'success' })] : [];
  }

  overHttp(): readonly Probe[] {
    const make = (wish: Wish) => this.#make({ tls: null, sni: 'none', ...wish });
    return [
      make({ host: 'unknown' }),
      make({ host: 'none' }),
      make({ host: 'address' }),
      ...this.#means.otherNames.map((otherName) => make({ host: 'other', otherName })),
      ...SPELLINGS.map((spelling) => make({ spelling, host: spelling === 'absolute_form' ? 'unknown' : 'locked' })),
      make({ forges: 'https' }),
      ...(this.#means.forges ? [make({ forges: 'success' })] : []),
    ];
  }

  /** Each of a kind, in both versions. */
  #each(kind: CredentialKind, wish: Wish = {}, versions = this.#versions): readonly Probe[] {
    const turns = Array.from({ length: this.#means.count(kind) }, (_none, turn) => turn);
    return turns.flatMap((turn) => versions.map((tls) => this.#make({ credential: kind, turn, tls, ...wish })));
  }

  #once(kind: CredentialKind, wish: Wish): readonly Probe[] {
    return this.#each(kind, wish, [this.#main]);
  }

  #credentials(): readonly Probe[] {
    return [...SHOWN.flatMap((kind) => this.#each(kind)), ...this.#once('weak_key', {})];
  }

  /** Which name decides, and whose page that is: the controls that tell the application from others. */
  #names(): readonly Probe[] {
    return [
      ...this.#each('none', { sni: 'none' }),
      ...this.#once('none', { sni: 'unknown' }),
      ...this.#once('none', { sni: 'address' }),
      ...this.#once('none', { host: 'unknown' }),
      ...this.#once('none', { host: 'none' }),
      ...this.#once('none', { sni: 'none', host: 'unknown' }),
      ...this.#once('none', { sni: 'unknown', host: 'unknown' }),
      ...this.#once('none', { sni: 'none', host: 'address' }),
      ...this.#means.otherNames.flatMap((otherName) => [
        ...this.#each('none', { sni: 'other', host: 'other', otherName }),
        ...this.#once('none', { sni: 'other', otherName }),
        ...this.#once('none', { host: 'other', otherName }),
      ]),
      ...this.#once('right', { sni: 'none' }),
      ...this.#once('right', { host: 'unknown' }),
      ...this.#once('right', { spelling: 'upper_case' }),
      ...this.#once('right', { spelling: 'with_port' }),
    ];
  }

  #ofOthers(): readonly Probe[] {
    return OTHERS.flatMap((kind) => [
      ...this.#once(kind, { sni: 'none' }),
      ...(kind === 'foreign' ? [] : this.#once(kind, { sni: 'unknown' })),
      ...this.#means.otherNames.flatMap((otherName) => this.#each(kind, { sni: 'other', otherName })),
    ]);
  }

  /** Once by the front door, and once under a name that may ask for nothing. */
  #spellings(): readonly Probe[] {
    const [otherName] = this.#means.otherNames;
    const open: Wish = otherName === undefined ? { sni: 'none' } : { sni: 'other', otherName };
    return [
      ...this.#once('none', { spelling: 'shouted' }),
      ...SPELLINGS.flatMap((spelling) => [
        ...this.#once('none', { spelling }),
        ...this.#once('none', { ...open, spelling, ...(spelling === 'absolute_form' ? strangeHost(otherName) : {}) }),
      ]),
    ];
  }

  #forgedKeys(): readonly Probe[] {
    return [
      ...this.#each('forged'),
      ...(this.#means.count('forged') > 0 ? this.#each('forged_stranger') : this.#once('forged_stranger', {})),
      ...this.#once('forged_server', {}),
    ];
  }

  #forgedHeaders(): readonly Probe[] {
    if (!this.#means.forges) return [];
    return [
      ...this.#once('none', { forges: 'success' }),
      ...this.#once('self_signed', { forges: 'success' }),
      ...this.#once('right', { forges: 'success' }),
      ...this.#once('right', { forges: 'failure' }),
    ];
  }

  #http2(): readonly Probe[] {
    const [otherName] = this.#means.otherNames;
    const open: Wish = otherName === undefined ? { sni: 'none' } : { sni: 'other', otherName };
    return [
      ...this.#once('none', { protocol: 'h2' }),
      ...this.#once('self_signed', { protocol: 'h2' }),
      ...this.#once('same_name', { protocol: 'h2' }),
      ...this.#once('none', { ...open, protocol: 'h2' }),
      ...this.#once('right', { protocol: 'h2' }),
    ];
  }

  #resumed(): readonly Probe[] {
    const from = (credential: CredentialKind, sni: NameKind, more: Partial<Earlier> = {}): Earlier => ({
      credential,
      sni,
      turn: 0,
      otherName: null,
      ...more,
    });
    const { otherNames } = this.#means;
    return [
      ...this.#each('none', { resumes: from('none', 'locked') }),
      ...this.#each('none', { resumes: from('none', 'none') }),
      ...otherNames.flatMap((otherName) => [
        ...this.#each('none', { resumes: from('none', 'other', { otherName }) }),
        ...this.#each('none', { resumes: from('foreign', 'other', { otherName }) }),
      ]),
      ...(this.#means.count('right') === 0
        ? []
        : [
            ...this.#each('right', { resumes: from('right', 'locked') }),
            ...this.#each('right', { resumes: from('none', 'locked') }),
            ...this.#each('none', { resumes: from('right', 'locked') }),
          ]),
      ...Array.from({ length: this.#means.count('unwanted') }, (_none, turn) => [
        ...this.#each('none', { resumes: from('unwanted', 'locked', { turn }) }),
        ...this.#once('none', { resumes: from('unwanted', 'none', { turn }) }),
        ...this.#once('none', { sni: 'none', resumes: from('unwanted', 'none', { turn }) }),
        ...otherNames.flatMap((otherName) =>
          this.#each('none', { resumes: from('unwanted', 'other', { turn, otherName }) }),
        ),
      ]).flat(),
    ];
  }
}

/** Host beside a request's target that names the locked host. */
function strangeHost(otherName: string | undefined): Wish {
  return otherName === undefined ? { host: 'unknown' } : { host: 'other' };
}
