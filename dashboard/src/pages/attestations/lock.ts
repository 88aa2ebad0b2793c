import type { View } from '../../../../src/wire/answer-fields.ts';
import type { ATTESTATION, ATTESTATION_RUN, LOCKS } from '../../../../src/wire/attestations.ts';
import type { LiveEvent } from '../../api/events.ts';
import { hostPort } from '../../parts/host-port.ts';
import type { Verdict } from '../../parts/verdict.tsx';
import { kinLetIn } from './matrix.ts';
import type { AttestationDetail, Evidence } from './evidence.ts';

/** What is seen of locks, as the API has it. */

export type Attestation = View<typeof ATTESTATION>;

export type OriginName = Attestation['origin'];

export type Locks = View<typeof LOCKS>;

export type Run = View<typeof ATTESTATION_RUN>;

/** One origin as one word, for keys. */
export function originKey({ hostname, address, port, server_name, host_header }: OriginName): string {
  return [hostname, address, port, server_name, host_header].join(' ');
}

/** Where an origin listens, and by which names it is called where those are not the visitor's. */
export function placeText({ address, port, server_name, host_header }: OriginName): string {
  return [
    hostPort(address, port),
    ...(server_name === null ? [] : [`as ${server_name}`]),
    ...(host_header === null ? [] : [`with Host ${host_header}`]),
  ].join(' ');
}

/** A code of a finding in words, where nothing but the code is known: `no_revocation` is "no revocation". */
export function codeText(code: string): string {
  return code.replaceAll('_', ' ');
}

/** What a verdict says, in a sentence that tells what it means for whoever runs the origin. */
export const VERDICT_SENTENCES: Readonly<Record<Verdict, string>> = {
  locked: 'Every stranger that was tried was refused, and the edge was let in.',
  open: 'A stranger got what the edge gets. Whoever knows the address of the origin can go around the edge.',
  broken:
    'The edge itself cannot pull: the origin refuses it, or it does not believe the certificate of the origin. Visitors see errors; what was found says which of the two it is.',
  unknown: 'It could not be found out whether the lock holds. Nothing is claimed about it.',
};

// Those whom nobody signed for that the origin believes.
const STRANGERS: ReadonlySet<string> = new Set([
  'no certificate',
  'self-signed certificate',
  'foreign certificate',
  "certificate of another authority of the right one's name",
]);

/** Strangers who asked for the name itself were refused, each of them. */
function refusesStrangers({ checked }: Evidence): boolean {
  const asked = checked.filter(({ probe }) => {
    const [credential = '', door = '', ...rest] = probe.split(', ');
    return STRANGERS.has(credential) && door.startsWith('TLS') && rest.every((part) => part.startsWith('path '));
  });
  return asked.length > 0 && asked.every(({ saw }) => saw.startsWith('refused: '));
}

// Whoever holds such a certificate has it from the authority of the lock: a finding, and no hole (docs/decisions.md).
/** What is to be known of those beside the findings, where the lock holds; `null` where none was let in. */
export function kinSentence({ verdict, evidence }: Pick<AttestationDetail, 'verdict' | 'evidence'>): string | null {
  const kin = verdict === 'locked' && evidence !== null ? kinLetIn(evidence) : [];
  return kin.length === 0
    ? null
    : `Also let in: ${kin.join(', ')}. The authority of the lock signed that itself, so no stranger has one, and the lock holds.`;
}

/** What a verdict says, and why it is none. */
export function verdictSentence({ verdict, evidence }: Pick<AttestationDetail, 'verdict' | 'evidence'>): string {
  if (verdict !== 'unknown' || evidence?.findings.some(({ decides }) => decides === true) !== true)
    return VERDICT_SENTENCES[verdict];
  return refusesStrangers(evidence)
    ? 'Strangers who asked for this name were refused, each of them. It is not called locked while there is a way to ask whose end could not be told: the first finding says which.'
    : 'What was answered does not tell whether the lock holds: the first finding says why.';
}

/** Whether an event says something of the locks of a zone. */
export function tellsOfLocks(id: string): (event: LiveEvent) => boolean {
  return ({ kind, zone }) => zone?.id === id && (kind === 'lock_seen' || kind === 'revision_committed');
}
