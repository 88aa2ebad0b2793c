import type { Evidence } from './evidence.ts';

/** What was tried at one door of an origin: credentials down, ways to speak across. */
export interface Matrix {
  readonly target: string;
  /** TLS versions and plain HTTP, as far as they were tried. */
  readonly doors: readonly string[];
  readonly rows: readonly MatrixRow[];
  /** The same with another name, a session or a header: how people get around locks. */
  readonly detours: readonly MatrixRow[];
}

export interface MatrixRow {
  readonly credential: string;
  /** What was done besides showing it; empty for a plain request. */
  readonly how: string;
  /** The edge shows this one itself: it has to be let in. */
  readonly isEdge: boolean;
  /** What it is, where the lock's own authority signed it: it is no stranger's. */
  readonly kin: string | null;
  /** By door; one that is missing was not tried. */
  readonly cells: ReadonlyMap<string, Cell>;
}

export interface Cell {
  readonly kind: 'refused' | 'answered' | 'silent';
  /** `bad` where a grave finding rests on it, `warn` where another one does. */
  readonly judged: 'good' | 'bad' | 'warn' | 'plain';
  /** In one or two words. */
  readonly word: string;
  readonly brief: string;
  /** All of it. */
  readonly saw: string;
}

/** A look that stands in no matrix, such as one at DNS. */
export interface OtherLook {
  readonly probe: string;
  readonly target: string;
  readonly saw: string;
}

// The words of src/doctor/diagnosis/told.ts, which say a probe whole.
const DOOR = /^(?:TLS 1\.\d|plain HTTP)$/;
const EDGE: ReadonlySet<string> = new Set(['right certificate', 'right certificate without its intermediate']);
const FORGED = /^forged key/;
// Of the lock's own authority: that they get in may be wrong, and opens the lock to no stranger.
const SIGNED_HERE = 'signed by the authority of the lock itself: no stranger has one';
const KIN: ReadonlyMap<string, string> = new Map([
  ['certificate without a purpose', SIGNED_HERE],
  ["neighbour's certificate", 'made for this look by the authority of the lock itself, for the name of another zone'],
  ['revoked certificate', SIGNED_HERE],
  ['certificate with a weak key', SIGNED_HERE],
]);
// What servers answer who asks under another name than that of the handshake, or without the certificate (RFC 9110
// §15.5.20; nginx's own codes).
const REFUSING: ReadonlySet<string> = new Set(['421', '495', '496', '497']);

interface Told {
  readonly credential: string;
  readonly door: string;
  readonly how: string;
}

/** Takes the words of a probe apart; `null` where it is about something else than a credential at a door. */
function toldProbe(probe: string, commonPath: string | null = null): Told | null {
  const parts = probe.split(', ').filter((part) => part !== commonPath);
  const words = parts[1] !== undefined && FORGED.test(parts[1]) ? 2 : 1;
  const [door, ...rest] = parts.slice(words);
  if (door === undefined || !DOOR.test(door)) return null;
  const isOtherProtocol = rest[0] === 'HTTP/2';
  return {
    credential: parts.slice(0, words).join(', '),
    door: isOtherProtocol ? `${door}, HTTP/2` : door,
    how: rest.slice(isOtherProtocol ? 1 : 0).join(', '),
  };
}

/** Credentials of the lock's own authority that were let in though something is wrong with them. */
export function kinLetIn({ checked, findings }: Evidence): readonly string[] {
  const blamed = new Set(findings.flatMap(({ evidence }) => evidence.map(({ probe }) => probe)));
  const seen = checked.filter(({ probe, saw }) => blamed.has(probe) && statusIn(saw) !== null);
  return [...new Set(seen.flatMap(({ probe }) => toldProbe(probe)?.credential ?? []))].filter((one) => KIN.has(one));
}

/** What was judged of an origin as a whole, and what of single looks. */
interface Judgement {
  readonly isOpen: boolean;
  /** Looks that findings rest on, by how bad those are. */
  readonly blamed: ReadonlyMap<string, 'bad' | 'warn'>;
}

type Rows = Map<string, { readonly told: Told; readonly saws: Map<string, OtherLook> }>;

/** The matrix of each target, and what stands in none. */
export function matricesOf(
  evidence: Evidence,
  isOpen: boolean,
): { readonly matrices: readonly Matrix[]; readonly others: readonly OtherLook[] } {
  const others: OtherLook[] = [];
  const targets = new Map<string, Rows>();
  const path = commonPath(evidence);
  for (const look of evidence.checked) {
    const told = toldProbe(look.probe, path);
    if (told === null) {
      others.push(look);
      continue;
    }
    const rows: Rows = targets.get(look.target) ?? new Map();
    targets.set(look.target, rows);
    const key = `${told.credential}\n${told.how}`;
    const row = rows.get(key) ?? { told, saws: new Map() };
    rows.set(key, row);
    row.saws.set(told.door, look);
  }
  const judgement = { isOpen, blamed: blamedIn(evidence) };
  const matrices = [...targets].map(([target, rows]) => matrixOf(target, [...rows.values()], judgement));
  return { matrices, others };
}

const lookKey = (target: string | null | undefined, probe: string): string => `${target ?? ''}\n${probe}`;

function blamedIn({ findings }: Evidence): Judgement['blamed'] {
  const blamed = new Map<string, 'bad' | 'warn'>();
  for (const { severity, target, evidence } of findings) {
    const how = severity === 'critical' || severity === 'high' ? 'bad' : 'warn';
    for (const { probe } of evidence) {
      const key = lookKey(target, probe);
      if (blamed.get(key) !== 'bad') blamed.set(key, how);
    }
  }
  return blamed;
}

// Where the zone asks for another path than "/", every probe says so: that is no way around.
function commonPath({ checked }: Evidence): string | null {
  const right = checked.find(({ probe }) => probe.startsWith('right certificate, TLS'));
  return right?.probe.split(', ').find((part) => part.startsWith('path ')) ?? null;
}

function matrixOf(
  target: string,
  rows: readonly { readonly told: Told; readonly saws: ReadonlyMap<string, OtherLook> }[],
  { isOpen, blamed }: Judgement,
): Matrix {
  const doors = [...new Set(rows.flatMap(({ saws }) => [...saws.keys()]))].toSorted((a, b) => place(a) - place(b));
  const right = rows.find(({ told }) => EDGE.has(told.credential) && told.how === '');
  const edgeGets = new Set([...(right?.saws.values() ?? [])].map(({ saw }) => statusIn(saw)));
  const all = rows.map(({ told: { credential, how }, saws }): MatrixRow => {
    const isEdge = EDGE.has(credential);
    const cell = ({ probe, saw }: OtherLook): Cell => {
      const status = statusIn(saw);
      const isLetIn = isOpen && !isEdge && status !== null && edgeGets.has(status);
      return cellOf(saw, {
        isEdge: isEdge && how === '',
        isOwn: isEdge,
        blamed: isLetIn ? 'bad' : (blamed.get(lookKey(target, probe)) ?? blamed.get(lookKey(null, probe)) ?? null),
      });
    };
    return {
      credential,
      how,
      isEdge,
      kin: KIN.get(credential) ?? null,
      cells: new Map([...saws].map(([door, look]) => [door, cell(look)])),
    };
  });
  const sorted = all.toSorted((a, b) => Number(b.isEdge) - Number(a.isEdge));
  return {
    target,
    doors,
    rows: sorted.filter(({ how }) => how === ''),
    detours: sorted.filter(({ how }) => how !== ''),
  };
}

const statusIn = (saw: string): string | null => /^answered (\d+)/.exec(saw)?.[1] ?? null;

const place = (door: string): number =>
  door === 'plain HTTP' ? 1_000 : Number(/\d\.(\d)/.exec(door)?.[1] ?? 9) * 10 + door.length;

interface Standing {
  readonly isEdge: boolean;
  /** The edge's certificate, shown in whatever way: how it is answered is no matter of getting in. */
  readonly isOwn: boolean;
  /** What findings say of this very look. */
  readonly blamed: 'bad' | 'warn' | null;
}

/** What was seen, judged as far as findings judge it. */
function cellOf(saw: string, { isEdge, isOwn, blamed }: Standing): Cell {
  const status = statusIn(saw);
  const brief = briefly(saw);
  if (status !== null && REFUSING.has(status)) {
    return { kind: 'refused', judged: isOwn ? (blamed ?? 'plain') : 'good', word: 'Refused', saw, brief };
  }
  if (status !== null) {
    const judged = isEdge ? 'good' : (blamed ?? 'plain');
    return { kind: 'answered', judged, word: isEdge || blamed !== null ? 'Let in' : `Answered ${status}`, saw, brief };
  }
  if (saw.startsWith('refused: ') || saw.startsWith('closed without an answer')) {
    // RFC 8446 §6.2, protocol_version: this version is not spoken, whoever asks.
    if (/^refused: alert 70\b/.test(saw)) return { kind: 'silent', judged: 'plain', word: 'Not spoken', saw, brief };
    return { kind: 'refused', judged: isEdge ? (blamed ?? 'plain') : 'good', word: 'Refused', saw, brief };
  }
  return { kind: 'silent', judged: 'plain', word: silentWord(saw), saw, brief };
}

// The title of a page says more than its status; what was asked for stands in the whole words.
function briefly(saw: string): string {
  const [seen = ''] = saw.replace(/^refused: /, '').split('; ');
  return /^answered \d+ "(.+)"$/.exec(seen)?.[1] ?? seen;
}

function silentWord(saw: string): string {
  if (saw.startsWith('session not taken up')) return 'Not resumed';
  if (saw.startsWith('no session was given')) return 'No session';
  if (saw.startsWith('HTTP/2 not spoken')) return 'Not spoken';
  if (saw.startsWith('nothing listens there')) return 'Nothing there';
  return 'No answer';
}
