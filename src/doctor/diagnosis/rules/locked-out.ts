import { isFront, isPlain } from '../application.ts';
import type { FindingCode } from '../findings.ts';
import { causeOf, likeliest } from '../refusal-cause.ts';
import { notes, type Rule, type Ruling, where } from '../ruling.ts';
import { atFront, inside, isVersionAlert, type Scene, type Sight, speaksTls } from '../scene.ts';

const FAR_CLOCK = 5 * 60_000;

/** The edge kept out: always, in one version of TLS, without a name, or when it resumes. */
export const lockedOut: Rule = (scene) => {
  const right = atFront(scene, 'right');
  return [
    ...(right.length === 0 ? byOracle(scene) : isPlainPort(scene) ? [] : byRight(scene, right)),
    ...resumption(scene),
    ...oneVersion(scene),
    ...clock(scene),
  ];
};

// Another port where nobody speaks TLS refuses no certificate.
function isPlainPort(scene: Scene): boolean {
  return scene.target.door !== 'https' && !speaksTls(scene);
}

function byRight(scene: Scene, right: readonly Sight[]): readonly Ruling[] {
  const admitted = inside(right);
  const turned = right.filter(isTurnedAway);
  if (admitted.length === 0) {
    const silence: Ruling = { code: 'no_clear_answer', effect: 'unknown', detail: '', evidence: right };
    if (turned.length === 0) return [silence];
    return isCutOff(scene, turned) ? [] : [keptOut(scene, turned)];
  }
  const wholly = turned.filter((sight) => admitted.every(({ probe }) => !isSameWay(probe, sight.probe)));
  return [
    ...where(wholly, (evidence) => inPart(scene, evidence, admitted)),
    ...where(scene.seen.filter(isRefusedForName), (evidence) => notes('server_name_needed', evidence)),
    ...where(admitted.filter(isForbidden), (evidence) => notes('forbidden_to_right', evidence)),
  ];
}

// Connections that end for everybody, with or without a certificate: a firewall does the like.
function isCutOff(scene: Scene, turned: readonly Sight[]): boolean {
  if (!turned.every(({ reading }) => reading.kind === 'closed')) return false;
  const bare = atFront(scene, 'none').filter(({ reading }) => !isVersionAlert(reading) && reading.kind !== 'nothing');
  return scene.asks !== true && bare.every(({ reading }) => reading.kind === 'closed');
}

function keptOut(scene: Scene, evidence: readonly Sight[]): Ruling {
  const cause = likeliest(evidence.map((sight) => causeOf(scene, sight)));
  const code = scene.identity?.lacksIntermediate === true && UNTRUSTED.includes(cause) ? 'missing_intermediate' : cause;
  return { code, effect: 'broken', detail: '', evidence: [...evidence] };
}

// How servers say that they find no path to whom they trust.
const UNTRUSTED: readonly FindingCode[] = ['edge_refused', 'edge_refused_unsaid'];

// An edge takes the newest version that both speak, and does not try another when it is refused there.
function inPart(scene: Scene, evidence: readonly Sight[], admitted: readonly Sight[]): Ruling {
  const newest = evidence.filter(({ probe }) => probe.tls === 'TLSv1.3' && probe.protocol === 'http/1.1');
  const askedLate = newest.some(({ handshake }) => handshake?.asks?.kind === 'nothing');
  const code: FindingCode =
    askedLate || (newest.length > 0 && scene.asks === false) ? 'verified_by_path' : 'edge_refused_in_part';
  return {
    code,
    effect: newest.length > 0 ? 'broken' : null,
    detail: '',
    evidence: [...evidence, ...admitted.slice(0, 1)],
  };
}

function isTurnedAway({ reading }: Sight): boolean {
  if (isVersionAlert(reading)) return false;
  return reading.kind !== 'application' && reading.kind !== 'nothing';
}

function isSameWay(one: Sight['probe'], other: Sight['probe']): boolean {
  return one.tls === other.tls && one.protocol === other.protocol && one.path === other.path;
}

function isForbidden({ saw }: Sight): boolean {
  return saw.kind === 'answered' && saw.answer.status === 403;
}

function isRefusedForName({ probe, reading }: Sight): boolean {
  return (
    probe.credential === 'right' &&
    probe.sni === 'none' &&
    isPlain(probe) &&
    probe.tls !== null &&
    reading.kind === 'refused'
  );
}

function resumption(scene: Scene): readonly Ruling[] {
  const admitted = inside(atFront(scene, 'right'));
  const turned = scene.seen.filter(
    (sight) =>
      sight.probe.credential === 'right' &&
      sight.probe.resumes !== null &&
      isFront(sight.probe) &&
      isTurnedAway(sight) &&
      admitted.some(({ probe }) => isSameWay(probe, sight.probe)),
  );
  const own = turned.filter(({ probe }) => probe.resumes?.credential === 'right' && probe.resumes.sni === 'locked');
  const bare = turned.filter(({ probe }) => probe.resumes?.credential === 'none');
  return [
    ...where(own, (evidence) => ({ code: 'resumed_refused', effect: 'broken', detail: '', evidence })),
    ...where(bare, (evidence) => notes('old_session_refused', evidence)),
  ];
}

// A chain is judged before the signature: who says 51 to a certificate with a false key has accepted its chain, unless
// a self-made chain is told the same.
function byOracle(scene: Scene): readonly Ruling[] {
  const strangers = atFront(scene, 'forged_stranger').filter(isChainRefused);
  const chain = atFront(scene, 'forged').filter(isChainRefused);
  const server = atFront(scene, 'forged_server').filter(({ reading }) => isAlert(reading, 51) || isAlert(reading, 43));
  return [
    ...where(chain, (evidence) => keptOut(scene, evidence)),
    ...(strangers.length === 0
      ? []
      : where(server, (evidence) => notes('shared_authority', [...evidence, ...strangers]))),
  ];
}

function isChainRefused({ reading }: Sight): boolean {
  return [42, 43, 44, 45, 46, 48].some((number) => isAlert(reading, number));
}

function isAlert(reading: Sight['reading'], number: number): boolean {
  return reading.kind === 'refused' && reading.by === 'alert' && reading.number === number;
}

function oneVersion(scene: Scene): readonly Ruling[] {
  const fresh = atFront(scene, 'none', 'right');
  const missing = fresh.filter(({ reading, probe }) => isVersionAlert(reading) && probe.protocol === 'http/1.1');
  const spoken = fresh.filter(({ reading }) => !isVersionAlert(reading) && reading.kind !== 'nothing');
  return spoken.length === 0 ? [] : where(missing, (evidence) => notes('tls_version', evidence));
}

function clock(scene: Scene): readonly Ruling[] {
  const far = scene.seen.filter(
    ({ saw, at }) => saw.kind === 'answered' && saw.answer.date !== null && Math.abs(saw.answer.date - at) > FAR_CLOCK,
  );
  const one = far[0];
  if (one === undefined || one.saw.kind !== 'answered' || one.saw.answer.date === null) return [];
  const minutes = Math.round((one.saw.answer.date - one.at) / 60_000);
  return [notes('clock_skew', [one], `It is ${Math.abs(minutes)} minutes ${minutes < 0 ? 'behind' : 'ahead'}.`)];
}
