import type { Command } from 'commander';
import { certified } from '../domain/callers.ts';
import { typedHostname } from '../wire/names.ts';
import { visible } from '../wire/visible.ts';
import { type ApiAccess, callApi, isRefusal } from './api.ts';
import { type ApiCommandFlags, calling, zoneCommand } from './connection.ts';
import { EXIT, Failure } from './failure.ts';
import { oneOf } from './flag-value.ts';
import { onStdout, show } from './print.ts';
import { zoneNamed } from './zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone: string;
  readonly hostname: string;
  readonly server?: string;
  readonly serverVersion?: string;
  readonly upstream?: string;
  readonly root?: string;
  readonly mode?: string;
  readonly dismiss?: boolean;
}

interface Step {
  readonly kind: string;
  readonly waits_for: string | null;
  readonly why: string;
  readonly fix: string | null;
  readonly hostnames: readonly string[];
}

interface Setup {
  readonly hostname: string;
  readonly choices: Readonly<Record<string, unknown>>;
  readonly step: Step;
  readonly callers: { readonly sources: readonly unknown[]; readonly total: Readonly<Record<string, number>> };
  readonly names: readonly NameSeen[];
  readonly commands: readonly OriginCommand[];
}

/** What is known of one of its names. */
interface NameSeen {
  readonly hostname: string;
  readonly records: string;
  readonly counted: boolean;
  readonly callers: Readonly<Record<string, number>>;
  readonly verdict: string | null;
  readonly proved: boolean;
}

interface OriginCommand {
  readonly what: string;
  readonly text: string;
  readonly says: string;
}

/** `postern setup`: how far the set-up of an origin is, and what to do next. It can be left and resumed, also in a browser. */
export function setupCommand(): Command {
  return zoneCommand('setup', 'set the lock of an origin up, step by step, until it is proved', [
    'setup --zone example.test --hostname www.example.test --server nginx',
    'setup --zone example.test --hostname www.example.test --mode enforce',
    'setup --zone example.test --hostname www.example.test --dismiss',
  ])
    .requiredOption('--hostname <name>', 'name that visitors use')
    .option('--server <server>', 'what the origin runs: nginx, apache, caddy, haproxy, …')
    .option('--server-version <version>', 'its version')
    .option('--upstream <url>', 'the application behind it')
    .option('--root <dir>', 'the directory of files that it serves instead')
    .option('--mode <mode>', 'watch first, then enforce')
    .option('--dismiss', 'let go of the set-up; what it brought about stays')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const hostname = typedHostname(flags.hostname);
        if (hostname === null)
          throw new Failure(
            `--hostname ${JSON.stringify(flags.hostname)} is not a hostname.`,
            'Write it like www.example.test.',
          );
        const { id } = await zoneNamed(access, flags.zone);
        const at = `/postern/v1/zones/${id}/setups/${hostname}`;
        if (flags.dismiss === true) {
          const { result } = await callApi<Pick<Setup, 'hostname' | 'step'>>(access, 'DELETE', at);
          show(json, result, () => `The set-up of ${result.hostname} is let go of; it was at: ${result.step.kind}.`);
          return;
        }
        const setup = await chosen(access, at, choicesOf(flags));
        const whole = { ...setup, commands: await commandsFor(access, id, setup) };
        show(json, whole, () => text(whole));
        if (setup.step.kind !== 'proved') process.exitCode = EXIT.notGood;
      }),
    );
}

function choicesOf(flags: Flags): Readonly<Record<string, unknown>> {
  const mode = flags.mode === undefined ? undefined : oneOf('--mode', flags.mode, ['watch', 'enforce'] as const);
  const { server, serverVersion: server_version, upstream, root } = flags;
  const all = { server, server_version, upstream, root, mode };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const NOT_FOUND = 10532;

/** The set-up with these choices beside those of before; begun where there was none. */
async function chosen(
  access: ApiAccess,
  at: string,
  choices: Readonly<Record<string, unknown>>,
): Promise<Omit<Setup, 'commands'>> {
  const before = await callApi<Omit<Setup, 'commands'>>(access, 'GET', at).catch((error: unknown) => {
    if (isRefusal(error, NOT_FOUND)) return null;
    throw error;
  });
  if (before !== null && Object.keys(choices).length === 0) return before.result;
  // One stands in place of the other.
  const kept = Object.entries(before?.result.choices ?? {}).filter(
    ([name]) => !(name === 'root' && 'upstream' in choices) && !(name === 'upstream' && 'root' in choices),
  );
  const body = { choices: { ...Object.fromEntries(kept), ...choices } };
  return (await callApi<Omit<Setup, 'commands'>>(access, 'PUT', at, body)).result;
}

const COMMANDS_OF: Readonly<Record<string, readonly string[]>> = {
  configure: ['install', 'configure', 'report_callers', 'report_installed'],
  watch: ['report_callers', 'report_installed'],
  enforce: ['enforce'],
  prove: ['look'],
};

/** What carries out a decision, and shows that it was. */
const CARRYING_OUT = ['install', 'configure', 'look'];

/** What to run in the step. While it only watches, the way to enforcing is told by the configuration that watches. */
async function commandsFor(
  access: ApiAccess,
  zone: string,
  { hostname, choices, step }: Omit<Setup, 'commands'>,
): Promise<readonly OriginCommand[]> {
  const isDecided = choices['mode'] === 'enforce';
  const wanted = isDecided && step.kind === 'enforce' ? CARRYING_OUT : COMMANDS_OF[step.kind];
  if (wanted === undefined) return [];
  const mode = step.kind === 'prove' || isDecided ? 'enforce' : 'watch';
  // These two are of the set-up alone.
  const { way: _way, other_names: others, ...rest } = choices;
  const body = { ...rest, hostnames: [hostname, ...(Array.isArray(others) ? others : [])], mode };
  const path = `/postern/v1/zones/${zone}/origin_config`;
  const { result } = await callApi<{ readonly commands: readonly OriginCommand[] }>(access, 'POST', path, body);
  const found = result.commands.filter(({ what }) => wanted.includes(what));
  // Where it installs itself, a configuration to copy is the second choice, and so is that one's log.
  const second = [
    ...(found.some(({ what }) => what === 'install') ? ['configure'] : []),
    ...(found.some(({ what }) => what === 'report_installed') ? ['report_callers'] : []),
  ];
  return found.filter(({ what }) => !second.includes(what));
}

function text({ hostname, step, callers, names, commands }: Setup): string {
  const { accepted = 0, without = 0, foreign = 0 } = callers.total;
  const counted =
    callers.sources.length === 0 || step.kind === 'proved'
      ? []
      : [`Last hour: ${accepted} with the certificate of the edge, ${without} without one, ${foreign} with another.`];
  const head = step.kind === 'proved' ? onStdout('green', 'proved') : onStdout('yellow', step.kind);
  return [
    `${visible(hostname)}: ${head}. ${step.why}`,
    ...(step.fix === null ? [] : [step.fix]),
    ...counted,
    ...(names.length < 2 ? [] : names.map((name) => `  ${nameText(name)}`)),
    ...commands.flatMap(({ says, text: line }) => ['', says, `  ${line}`]),
  ].join('\n');
}

/** One of several names, in a line. */
function nameText({ hostname, records, counted, callers, verdict, proved }: NameSeen): string {
  if (records === 'none') return `${visible(hostname)}: no record leads to it: the edge answers 404 for it`;
  if (records === 'dns_only') return `${visible(hostname)}: its record is DNS only: visitors go to the origin itself`;
  const { accepted = 0, unverified = 0, without = 0, foreign = 0 } = callers;
  const pulls = certified({ accepted, unverified });
  const came = pulls === 0 ? 'nobody came yet' : `${pulls} by the edge, ${without + foreign} otherwise`;
  const lock = proved ? 'proved' : verdict === null ? 'not looked at' : `seen ${verdict}`;
  return `${visible(hostname)}: ${counted ? `${came}; ` : ''}${lock}`;
}
