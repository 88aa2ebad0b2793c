import { minute } from '../moment.ts';
import { onStdout } from '../print.ts';
import { facts, fittedTable, mark } from '../table.ts';
import { sayingSpan } from '../time-span.ts';
import { placeOf, type RotatedOrigin, type RotationFacts, type SightFacts } from './rotation-facts.ts';

const SECONDS = 19;

/** A rotation for a person: how far it is, what it waits for, and which origins hold themselves back. */
export function rotationText(zone: string, rotation: RotationFacts): string {
  const parts = [facts(headOf(zone, rotation))];
  if (rotation.origins.length > 0) parts.push(originTable(rotation));
  const todo = rotation.origins.filter(
    ({ finding, fix, shows }) => fix !== '' && finding !== 'unseen' && shows === 'old',
  );
  if (rotation.phase !== 'ended' && todo.length > 0) parts.push(todoText(todo));
  return parts.join('\n\n');
}

function headOf(zone: string, rotation: RotationFacts): readonly (readonly [string, string])[] {
  const { id, what, cause, rehearsal, phase, phase_since, started_on, old_ca_until } = rotation;
  const { origins, switched, held } = rotation.counts;
  return [
    ['rotation', onStdout('dim', id)],
    ['of', `${what} of ${zone}${rehearsal ? ' (rehearsal: nothing is switched)' : ''}, ${cause}`],
    ['started', time(started_on)],
    ['phase', `${onStdout('bold', phase)} since ${time(phase_since)}`],
    ...(old_ca_until === null ? [] : [['old CA until', time(old_ca_until)] as const]),
    [
      'origins',
      `${switched} of ${origins} show the new certificate${held > 0 && phase !== 'ended' ? `, ${held} held back` : ''}`,
    ],
    phase === 'ended' ? ['outcome', outcomeText(rotation)] : ['waits', rotation.waits_text],
  ];
}

/** How it ended, in words. */
function outcomeText({ outcome, because }: RotationFacts): string {
  const word = outcome === 'done' ? onStdout('green', 'done') : onStdout('yellow', outcome ?? '');
  return because === '' ? word : `${word}: ${because}`;
}

function originTable({ origins, phase }: RotationFacts): string {
  return fittedTable(
    ['HOSTNAME', 'ORIGIN', 'SHOWS', 'SEEN', 'PULLS'],
    origins.map((origin) => [
      origin.hostname,
      placeOf(origin),
      origin.shows === 'new' ? onStdout('green', 'new') : 'old',
      `${mark(origin.finding === 'proved')} ${origin.reverted === null ? origin.finding : `${origin.finding}, was switched back`}`,
      phase === 'ended' ? '' : pulls(origin),
    ]),
  );
}

function pulls({ pulls: { answered, refused } }: RotatedOrigin): string {
  if (answered + refused === 0) return onStdout('dim', '–');
  return refused === 0 ? String(answered) : onStdout('red', `${answered}, ${refused} refused`);
}

function todoText(origins: readonly RotatedOrigin[]): string {
  const lines = origins.map((origin) => {
    const { hostname, text, fix, reverted } = origin;
    const why = reverted === null ? text : `${text} (switched back: ${reverted})`;
    return `${onStdout('bold', `${hostname} at ${placeOf(origin)}`)}\n  ${why}.\n  ${fix}`;
  });
  return lines.join('\n');
}

/** The rotations of a zone as a list. */
export function rotationTable(rotations: readonly RotationFacts[]): string {
  return fittedTable(
    ['ID', 'WHAT', 'CAUSE', 'STARTED', 'PHASE', 'ORIGINS', 'WAITS FOR'],
    rotations.map((one) => [
      onStdout('dim', one.id),
      one.rehearsal ? `${one.what} (rehearsal)` : one.what,
      one.cause,
      minute(one.started_on),
      one.phase === 'ended' ? (one.outcome ?? one.phase) : one.phase,
      `${one.counts.switched}/${one.counts.origins}`,
      one.phase === 'ended' ? '' : one.waits_for,
    ]),
  );
}

/** All that is known of a rotation, in Markdown: for who has to answer for it later. */
export function rotationReport(zone: string, rotation: RotationFacts): string {
  const { id, what, cause, started_on, ended_on, outcome, because, certificates, pace } = rotation;
  const lines = [
    `# Rotation of the ${what} of ${zone}`,
    '',
    `- rotation ${id}, ${cause}, begun ${time(started_on)}${ended_on === null ? `, in the phase ${rotation.phase}` : `, ended ${time(ended_on)}`}`,
    ...(outcome === null ? [] : [`- outcome: ${outcome}${because === '' ? '' : `: ${because}`}`]),
    ...certificates.map(({ old_id, new_id }) => `- certificate ${old_id} was to be followed by ${new_id}`),
    `- pace: ${Object.entries(pace)
      .map(([name, value]) => paceText(name, value))
      .join(', ')}`,
    '',
    '## Origins',
    '',
    'What was seen last, by each edge: with the old certificate, with the new one, and with none.',
    '',
    '| hostname | origin | shows | by | edge | seen at | address | old | new | none |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rotation.origins.flatMap(evidenceRows),
    '',
    '## History',
    '',
    '| when | what | by | why | origins |',
    '| --- | --- | --- | --- | --- |',
    ...rotation.history.map(({ at, did, by, because: why, origins }) => {
      const about = origins.map((origin) => `${origin.hostname} ${placeOf(origin)}`).join(', ');
      return `| ${[time(at), did, by, why, about].map(cell).join(' | ')} |`;
    }),
  ];
  return lines.join('\n');
}

function paceText(name: string, value: number): string {
  return name.endsWith('_seconds') ? `${name.slice(0, -8)} ${sayingSpan(value)}` : `${name.slice(0, -8)} ${value} %`;
}

function evidenceRows(origin: RotatedOrigin): readonly string[] {
  const { hostname, shows, how, evidence } = origin;
  const place = [hostname, placeOf(origin), shows, how ?? ''];
  const seen = (evidence?.edges ?? []).flatMap(({ edge, fault, addresses }) =>
    fault === null
      ? addresses.map((one) => [
          edge,
          time(evidence?.at ?? ''),
          one.ip,
          sight(one.old_certificate),
          sight(one.new_certificate),
          sight(one.no_certificate),
        ])
      : [[edge, time(evidence?.at ?? ''), '', fault, '', '']],
  );
  const rows = seen.length === 0 ? [['', '', '', 'not seen', '', '']] : seen;
  return rows.map((row) => `| ${[...place, ...row].map(cell).join(' | ')} |`);
}

function sight({ saw, status, how, alert, because }: SightFacts): string {
  if (saw === 'answered') return `answered ${status}`;
  if (saw === 'failed') return `not seen (${because})`;
  return alert === null || alert === undefined ? `refused (${how})` : `refused (alert ${alert})`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function time(text: string): string {
  return text === '' ? '' : `${text.slice(0, SECONDS).replace('T', ' ')} UTC`;
}
