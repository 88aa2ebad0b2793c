import type { Command } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { LOOK_PAUSE, LOOK_SETTINGS } from '../../wire/look-settings.ts';
import { visible } from '../../wire/visible.ts';
import { callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { minute, spokenMoment } from '../moment.ts';
import { note, onStdout, show } from '../print.ts';
import { spokenSpan } from '../time-span.ts';
import { zoneNamed, zoneOf } from '../zone-lookup.ts';

interface PathFlags extends ApiCommandFlags {
  readonly zone?: string;
  readonly hostname?: string;
  readonly reset?: boolean;
}

interface PauseFlags extends ApiCommandFlags {
  readonly zone: string;
  readonly for?: string;
  readonly until?: string;
  readonly reason?: string;
}

/** A pause as the API shows it. */
type PauseFacts = View<typeof LOOK_PAUSE>;

/** What is said of looks, as the API shows it. */
export type LookFacts = View<typeof LOOK_SETTINGS>;

/** `postern attestations path`: what is asked for. */
export function pathCommand(): Command {
  return apiCommand('path', 'which path is asked for when locks are looked at', [
    'attestations path --zone example.test',
    'attestations path /status --zone example.test',
    'attestations path /healthz --hostname www.example.test',
    'attestations path --hostname www.example.test --reset',
  ])
    .argument('[path]', 'left out: say what is asked for now')
    .option('--zone <zone>', 'name or id of the zone; found by the hostname where it is left out')
    .option('--hostname <name>', 'only at the origins of this hostname, or of those below this wildcard')
    .option('--reset', 'what is asked for there is again what the zone says (of a zone: /)')
    .action(
      calling<PathFlags>(async ({ access, flags, json }, path) => {
        const { id } = await aboutZone(access, flags);
        const body = pathBody(path, flags);
        const { result, messages } = await (body === null
          ? callApi<LookFacts>(access, 'GET', lookSettingsPath(id))
          : callApi<LookFacts>(access, 'PATCH', lookSettingsPath(id), body));
        show(json, result, () => pathsText(result));
        note(...messages);
      }),
    );
}

function aboutZone(access: Parameters<typeof callApi>[0], { zone, hostname }: PathFlags) {
  if (hostname !== undefined) return zoneOf(access, zone, hostname);
  if (zone !== undefined) return zoneNamed(access, zone);
  throw new Failure('There is neither a zone nor a hostname.', 'Name one with --zone or --hostname.');
}

/** What is to be changed; null for nothing. */
function pathBody(path: string | undefined, { hostname, reset }: PathFlags): object | null {
  if (path !== undefined && reset === true) throw new Failure('Both a path and --reset are given.', 'Leave one out.');
  if (path === undefined && reset !== true) return null;
  return hostname === undefined ? { path: path ?? '/' } : { hostnames: { [hostname]: path ?? null } };
}

function pathsText({ path, hostnames }: LookFacts): string {
  const own = Object.entries(hostnames).map(([name, one]) => `${visible(name)}: ${visible(one)}`);
  return [`${own.length === 0 ? 'every hostname' : 'every other hostname'}: ${visible(path)}`, ...own].join('\n');
}

/** `postern attestations pause`: nobody looks for a while. */
export function pauseCommand(): Command {
  return zoneCommand('pause', 'have nobody look at the locks of a zone for a while', [
    'attestations pause --zone example.test --for 2h --reason "we move"',
    'attestations pause --zone a.test --until 2031-01-31 --reason move',
  ])
    .option('--for <span>', 'for how long: 30m, 2h; a week at most')
    .option('--until <when>', 'until when, in place of --for')
    .option('--reason <text>', 'why, for notices and the audit log')
    .action(
      calling<PauseFlags>(async ({ access, flags, json }) => {
        const body = pauseBody(flags);
        const { id, name } = await zoneNamed(access, flags.zone);
        const { result, messages } = await callApi<LookFacts>(access, 'PUT', pausePath(id), body);
        show(json, result, () => pauseText(name, result.paused));
        note(...messages);
      }),
    );
}

function pauseBody({ for: span, until, reason }: PauseFlags): object {
  if (reason === undefined) throw new Failure('There is no reason.', 'Say with --reason why nobody is to look.');
  if (span !== undefined && until === undefined) return { seconds: spokenSpan('--for', span), reason };
  if (until !== undefined && span === undefined) {
    return { until: spokenMoment('--until', until, Date.now(), 1), reason };
  }
  throw new Failure('The pause has no one end.', 'Give either --for or --until.');
}

/** `postern attestations resume`: before its time. */
export function resumeCommand(): Command {
  return zoneCommand('resume', 'have the locks of a zone looked at again, before the pause is over', [
    'attestations resume --zone example.test',
  ]).action(
    calling<PauseFlags>(async ({ access, flags, json }) => {
      const { id, name } = await zoneNamed(access, flags.zone);
      const { result, messages } = await callApi<LookFacts>(access, 'DELETE', pausePath(id));
      show(json, result, () => `The locks of ${visible(name)} are looked at again.`);
      note(...messages);
    }),
  );
}

/** That nobody looks, until when and why. */
export function pauseText(zone: string, paused: PauseFacts | null): string {
  if (paused === null) return `The locks of ${visible(zone)} are looked at.`;
  const { until, reason } = paused;
  const head = onStdout('yellow', 'not looked at');
  return `The locks of ${visible(zone)} are ${head} until ${minute(until)} UTC, because: ${visible(reason)}`;
}

/** Where the API has what is said of looks. */
export function lookSettingsPath(zone: string): string {
  return `/postern/v1/zones/${zone}/attestation_settings`;
}

function pausePath(zone: string): string {
  return `/postern/v1/zones/${zone}/attestation_pause`;
}
