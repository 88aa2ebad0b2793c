import { setTimeout as after } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { ROTATED, type Rotated, WAITS } from '../../domain/rotation.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { confirm, confirmAtTerminal } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { collect, wholeNumber } from '../flag-value.ts';
import { behind, reportsOf } from '../origin-reports.ts';
import { note, progress, show, writeJson } from '../print.ts';
import { spokenSpan } from '../time-span.ts';
import { zoneNamed } from '../zone-lookup.ts';
import { type MadeLikeFlags, madeLikeOf, withMadeLike } from './certificate-issue.ts';
import { chosenRotation, listRotations, placeOf, type RotationFacts, rotationsPath } from './rotation-facts.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';
import { rotationReport, rotationTable, rotationText } from './rotation-text.ts';

/** Flags of commands that begin a rotation. */
export interface BeginningFlags extends ApiCommandFlags, MadeLikeFlags {
  readonly zone: string;
  readonly rehearse?: boolean;
  readonly reason?: string;
  readonly wait?: boolean;
  readonly for?: string;
  readonly yes?: boolean;
  readonly hostname?: readonly string[];
  readonly canaryPercent?: string;
  readonly canaryFor?: string;
  readonly watchFor?: string;
  readonly drainFor?: string;
  readonly noticeFor?: string;
}

interface Flags extends BeginningFlags, PreviewFlags {
  readonly what?: Rotated;
  readonly revokeFirst?: boolean;
  readonly yes?: boolean;
  readonly hostname?: readonly string[];
}

const LOOK_EVERY = 1_000;

/** `postern rotations …`: certificates and CAs exchanged, with proof before each switch. */
export function rotationsCommand(): Command {
  return new Command('rotations')
    .description('exchange certificates and CAs, with proof before each switch')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(startCommand())
    .addCommand(emergencyCommand())
    .addCommand(waitCommand())
    .addCommand(steerCommand('pause', 'let a rotation rest where it is'))
    .addCommand(steerCommand('resume', 'let a rotation go on'))
    .addCommand(steerCommand('undo', 'give every origin the old certificate back'))
    .addCommand(forceCommand())
    .addCommand(reportCommand());
}

function listCommand(): Command {
  return zoneCommand('list', 'the rotations of a zone, the newest first', [
    'rotations list --zone example.test',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id, name } = await zoneNamed(access, flags.zone);
      const rotations = await listRotations(access, id);
      show(json, rotations, () =>
        rotations.length === 0 ? `${name} never had a rotation.` : rotationTable(rotations),
      );
    }),
  );
}

function showCommand(): Command {
  return aboutOne('show', 'how far a rotation is, what it waits for, and what was seen of each origin', [
    'rotations show --zone example.test',
    'rotations show --zone example.test --json',
  ]).action(
    calling<Flags>(async ({ access, flags, json }, id = '') => {
      const zone = await zoneNamed(access, flags.zone);
      const rotation = await chosenRotation(access, zone.id, id);
      show(json, rotation, () => rotationText(zone.name, rotation));
      // Of those that report, one knows before it refuses whether it has the new bundle.
      if (!json && rotation.waits_for === 'proof') note(...behind(await reportsOf(access, zone.id)));
    }),
  );
}

function startCommand(): Command {
  return beginning('start', 'begin a rotation', [
    'rotations start --zone example.test --what leaf',
    'rotations start --zone example.test --what root --reason yearly --wait',
    'rotations start --zone example.test --what root --rehearse',
  ])
    .addOption(
      new Option('--what <what>', 'the certificates alone, or the CA above them too')
        .choices(ROTATED)
        .makeOptionMandatory(),
    )
    .addOption(previewOption())
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const zone = await zoneNamed(access, flags.zone);
        if (flags.preview === true) {
          return preview(access, zone, { kind: 'authority_rotate', what: flags.what ?? 'leaf' }, json);
        }
        await begin(access, zone, { flags, json, body: { what: flags.what } });
      }),
    );
}

function emergencyCommand(): Command {
  return beginning('emergency', 'exchange everything as fast as the origins allow, because a key is in other hands', [
    'rotations emergency --zone example.test --rehearse',
    'rotations emergency --zone example.test \\\n      --reason "host of the edge was entered" --yes --wait',
    'rotations emergency --zone example.test --revoke-first --preview',
  ])
    .addOption(new Option('--what <what>', 'what is exchanged (default: root)').choices(ROTATED).default('root'))
    .option('--revoke-first', 'revoke what leaves before anything else, because its key is known to be stolen')
    .option('--yes', 'do not ask')
    .addOption(previewOption())
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const zone = await zoneNamed(access, flags.zone);
        const revoking = flags.revokeFirst === true ? { revoke_first: true } : {};
        if (flags.preview === true) {
          return preview(access, zone, { kind: 'authority_rotate', what: flags.what ?? 'root', ...revoking }, json);
        }
        if (flags.rehearse !== true) {
          const first = `Pulls of ${zone.name} fail from now on until its origins accept the new ${flags.what}: nothing is proved before.`;
          const usual = `Once every origin of ${zone.name} accepts the new ${flags.what}, the old one is given up at once.`;
          await confirm(flags.revokeFirst === true ? first : usual, flags);
        }
        await begin(access, zone, { flags, json, body: { what: flags.what, emergency: true, ...revoking } });
      }),
    );
}

interface Beginning {
  readonly flags: BeginningFlags;
  readonly json: boolean;
  readonly body: object;
  /** Where it is begun, if not among the rotations of the zone. */
  readonly path?: string;
}

/** Begins a rotation, and follows it where that is wished. */
export async function begin(
  access: ApiAccess,
  zone: { readonly id: string; readonly name: string },
  { flags, json, body, path = rotationsPath(zone.id) }: Beginning,
): Promise<void> {
  const { result, messages } = await callApi<RotationFacts>(access, 'POST', path, {
    ...body,
    ...(flags.rehearse === true ? { rehearsal: true } : {}),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...madeLikeOf(flags),
    pace: paceOf(flags),
  });
  note(...messages);
  if (flags.wait === true) return await follow(access, zone, { json, id: result.id });
  show(json, result, () => rotationText(zone.name, result));
  if (!json) progress(`It goes on by itself: postern rotations show --zone ${flags.zone}`);
}

function paceOf({ canaryPercent, canaryFor, watchFor, drainFor, noticeFor }: BeginningFlags): object {
  const span = (name: string, flag: string, text: string | undefined) =>
    text === undefined ? {} : { [name]: spokenSpan(flag, text) };
  return {
    ...(canaryPercent === undefined ? {} : { canary_percent: wholeNumber('--canary-percent', canaryPercent) }),
    ...span('canary_seconds', '--canary-for', canaryFor),
    ...span('watch_seconds', '--watch-for', watchFor),
    ...span('drain_seconds', '--drain-for', drainFor),
    ...span('notice_seconds', '--notice-for', noticeFor),
  };
}

function waitCommand(): Command {
  return aboutOne('wait', 'follow a rotation to its end, or until it waits for something', [
    'rotations wait --zone example.test',
    'rotations wait --zone example.test --for confirmation',
  ])
    .addOption(new Option('--for <what>', 'until it waits for that').choices(Object.keys(WAITS)))
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const zone = await zoneNamed(access, flags.zone);
        const rotation = await chosenRotation(access, zone.id, id);
        await follow(access, zone, { json, id: rotation.id, until: flags.for });
      }),
    );
}

/** Says what happens until it has ended, or waits for something. Exit code 1 where it did not come to that, or was undone. */
async function follow(
  access: ApiAccess,
  zone: { readonly id: string; readonly name: string },
  { json, id, until }: { readonly json: boolean; readonly id: string; readonly until?: string | undefined },
): Promise<void> {
  for (let said = ''; ; ) {
    const rotation = await chosenRotation(access, zone.id, id);
    const line = lineOf(rotation);
    if (line !== said) progress(line);
    said = line;
    if (rotation.phase === 'ended' || rotation.waits_for === until) {
      show(json, rotation, () => rotationText(zone.name, rotation));
      const missed = until !== undefined && rotation.waits_for !== until;
      if (rotation.outcome === 'undone' || missed) process.exitCode = EXIT.notGood;
      return;
    }
    await after(LOOK_EVERY);
  }
}

function lineOf({ phase, counts, waits_text, origins }: RotationFacts): string {
  const held = origins.filter(({ shows, finding }) => shows === 'old' && finding !== 'proved');
  const names =
    phase === 'ended' || held.length === 0
      ? ''
      : ` Held back: ${held.map((one) => `${one.hostname} at ${placeOf(one)} (${one.finding})`).join(', ')}.`;
  return `${phase.padEnd(10)}  ${counts.switched}/${counts.origins}  ${waits_text}.${names}`;
}

function steerCommand(action: 'pause' | 'resume' | 'undo', description: string): Command {
  return aboutOne(action, description, [`rotations ${action} --zone example.test --reason "freeze until Monday"`])
    .option('--reason <text>', 'why, for the history')
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const zone = await zoneNamed(access, flags.zone);
        const { id: chosen } = await chosenRotation(access, zone.id, id);
        if (action === 'undo')
          await confirmAtTerminal(`Every origin of ${zone.name} gets the old certificate back.`, flags);
        await steer(access, zone, { flags, json, body: { action }, id: chosen });
      }),
    );
}

function forceCommand(): Command {
  return aboutOne(
    'force',
    'switch origins that are not proved, which refuse visitors if they refuse the new certificate; or cut a notice short',
    [
      'rotations force --zone example.test --hostname www.example.test \\\n      --reason "its admin says the bundle is in" --yes',
    ],
  )
    .option(
      '--hostname <name>',
      'only the origins of this hostname; repeatable (default: all that are held back)',
      collect,
    )
    .option('--reason <text>', 'why, for the history')
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const zone = await zoneNamed(access, flags.zone);
        if (flags.reason === undefined) {
          throw new Failure('There is no reason.', 'Say with --reason why this is to happen without proof.');
        }
        const rotation = await chosenRotation(access, zone.id, id);
        await confirm(whatForceDoes(zone.name, rotation, flags.hostname), flags);
        const hostnames = flags.hostname === undefined ? {} : { hostnames: flags.hostname };
        await steer(access, zone, { flags, json, body: { action: 'force', ...hostnames }, id: rotation.id });
      }),
    );
}

function whatForceDoes(
  zone: string,
  { phase, counts }: RotationFacts,
  hostnames: readonly string[] | undefined,
): string {
  if (phase === 'retiring') return `The old CA leaves the bundle of ${zone} now, before the end of its notice.`;
  if (phase === 'confirming') return `The rotation of ${zone} ends, though origins were not seen refusing the old CA.`;
  const whose = hostnames?.join(', ') ?? `all ${counts.held} origins that are held back`;
  return `The new certificate is shown to ${whose} of ${zone} without proof that it is accepted.`;
}

async function steer(
  access: ApiAccess,
  zone: { readonly id: string; readonly name: string },
  { flags, json, body, id }: Beginning & { readonly id: string },
): Promise<void> {
  const reason = flags.reason === undefined ? {} : { reason: flags.reason };
  const path = rotationsPath(zone.id, id);
  const { result, messages } = await callApi<RotationFacts>(access, 'PATCH', path, { ...body, ...reason });
  show(json, result, () => rotationText(zone.name, result));
  note(...messages);
}

function reportCommand(): Command {
  return aboutOne('report', 'all that is known of a rotation, in Markdown, for who has to answer for it', [
    'rotations report --zone example.test > rotation.md',
  ]).action(
    calling<Flags>(async ({ access, flags, json }, id = '') => {
      const zone = await zoneNamed(access, flags.zone);
      const rotation = await chosenRotation(access, zone.id, id);
      if (json) writeJson(rotation);
      else process.stdout.write(`${rotationReport(zone.name, rotation)}\n`);
    }),
  );
}

function aboutOne(name: string, description: string, examples: readonly string[]): Command {
  return zoneCommand(name, description, examples).argument('[id]', 'id of the rotation (default: the newest)');
}

/** A command that begins a rotation. */
export function beginning(name: string, description: string, examples: readonly string[]): Command {
  return withMadeLike(zoneCommand(name, description, examples))
    .option('--rehearse', 'go as far as the proof, and switch nothing')
    .option('--reason <text>', 'why, for the history')
    .option('--canary-percent <number>', 'the part of the origins that goes first')
    .option('--canary-for <span>', 'how long only those show the new certificate: 30s, 10m')
    .option('--watch-for <span>', 'how long all show it before the old one is given up')
    .option('--drain-for <span>', 'how long connections with the old one may last then')
    .option('--notice-for <span>', 'how long the bundle holds the old CA then: 7d')
    .option('--wait', 'follow it to its end');
}
