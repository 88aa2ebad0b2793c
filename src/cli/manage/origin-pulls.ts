import { Command, Option } from 'commander';
import { type ApiAccess, callApi } from '../api.ts';
import { confirmAtTerminal } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { note, onStdout, show } from '../print.ts';
import { type ZoneFacts, zoneNamed, zoneOf } from '../zone-lookup.ts';
import { type AssociationFacts, allAssociations, effectivePlan } from './effective-plan.ts';
import { openCommand, openingsCommand, shutCommand } from './openings.ts';
import { originPullsStatus } from './origin-pulls-status.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';

interface Flags extends ApiCommandFlags, PreviewFlags {
  readonly zone?: string;
  readonly hostname?: string;
  readonly level?: 'zone' | 'global';
  readonly all?: boolean;
  readonly kind?: string;
  readonly cert?: string;
  readonly yes?: boolean;
}

/** `postern aop …`: authenticated origin pulls, level by level. */
export function originPullsCommand(): Command {
  return new Command('aop')
    .description('authenticated origin pulls: what is presented to origins, and why')
    .addCommand(statusCommand())
    .addCommand(switchCommand('on'))
    .addCommand(switchCommand('off'))
    .addCommand(inheritCommand())
    .addCommand(openCommand())
    .addCommand(shutCommand())
    .addCommand(openingsCommand());
}

function statusCommand(): Command {
  return apiCommand(
    'status',
    'what the edge presents to which origin, which level decided, and what the origin must trust',
    [
      'aop status                              all zones',
      'aop status --zone example.test          each proxied name of a zone',
      'aop status --all --kind refuse          of all zones, what is refused',
      'aop status --hostname www.example.test  one name in full',
    ],
  )
    .option('--zone <zone>', 'name or id of the zone')
    .option('--hostname <name>', 'one hostname')
    .option('--all', 'each name of all zones')
    .addOption(
      new Option('--level <level>', 'only names for which this level decides').choices([
        'hostname',
        'zone',
        'global',
        'none',
      ]),
    )
    .addOption(
      new Option('--kind <kind>', 'only names that are pulled so over https').choices([
        'present',
        'without',
        'refuse',
        'plaintext',
        'redirect',
        'not_served',
      ]),
    )
    .action(calling<Flags>(({ access, flags, json }) => originPullsStatus(access, flags, json)));
}

function switchCommand(word: 'on' | 'off'): Command {
  const description =
    word === 'on'
      ? 'present a client certificate: the zone level, unless a hostname is named'
      : 'present none: the zone level, unless a hostname is named (a veto)';
  return apiCommand(word, description, [
    `aop ${word} --zone example.test`,
    `aop ${word} --zone example.test --level global`,
    `aop ${word} --zone example.test --preview`,
    `aop ${word} --hostname www.example.test${word === 'on' ? ' --cert 2458ce5a-…' : ''}`,
  ])
    .option('--zone <zone>', 'name or id of the zone')
    .option('--hostname <name>', 'only this hostname')
    .addOption(new Option('--level <level>', 'which level of the zone (default: zone)').choices(['zone', 'global']))
    .option('--cert <id>', 'id of the hostname certificate')
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        if (flags.hostname !== undefined) return switchHostname(access, { ...flags, json }, word === 'on');
        return switchZone(access, { ...flags, json }, word === 'on');
      }),
    );
}

function inheritCommand(): Command {
  return apiCommand('inherit', 'let a hostname do what its zone says', ['aop inherit --hostname www.example.test'])
    .requiredOption('--hostname <name>', 'the hostname')
    .option('--zone <zone>', 'name or id of the zone')
    .option('--cert <id>', 'id of a hostname certificate; found out where left out')
    .addOption(previewOption())
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const hostname = flags.hostname ?? '';
        const zone = await zoneOf(access, flags.zone, hostname);
        if (flags.preview === true) {
          return preview(access, zone, { kind: 'hostname_level', hostname, on: null }, json);
        }
        const own = await ownAssociation(access, zone, hostname);
        if (own === undefined) {
          show(json, { hostname, enabled: null }, () => `${hostname} already does what ${zone.name} says.`);
          return;
        }
        const entry = { hostname, cert_id: flags.cert ?? own.cert_id, enabled: null };
        await associate(access, zone, { entry, json, said: `${hostname} does what ${zone.name} says.` });
      }),
    );
}

async function switchZone(access: ApiAccess, flags: Flags & { readonly json: boolean }, on: boolean): Promise<void> {
  if (flags.zone === undefined) {
    throw new Failure(
      'Neither a zone nor a hostname is named.',
      'Add --zone example.test or --hostname www.example.test.',
    );
  }
  if (flags.cert !== undefined) {
    throw new Failure(
      '--cert is for hostnames: the zone level presents the newest certificate uploaded for it.',
      'Add --hostname, or leave --cert out.',
    );
  }
  const zone = await zoneNamed(access, flags.zone);
  const level = flags.level ?? 'zone';
  if (flags.preview === true) return preview(access, zone, { kind: `${level}_level`, on }, flags.json);
  if (!on)
    await confirmAtTerminal(
      `Origins that are locked with the ${level} level of ${zone.name} will refuse the edge.`,
      flags,
    );
  const { messages, enabled } = await setLevel(access, zone.id, level, on);
  show(flags.json, { zone: zone.name, level, enabled }, () => {
    const state = enabled ? onStdout('green', 'on') : onStdout('yellow', 'off');
    return `The ${level} level of ${zone.name} is ${state}.`;
  });
  note(...messages);
}

/** Switches a level of a zone; answers what is in force and what the API says about it. */
export async function setLevel(
  access: ApiAccess,
  zone: string,
  level: 'zone' | 'global',
  on: boolean,
): Promise<{ readonly enabled: boolean; readonly messages: readonly string[] }> {
  const base = `/client/v4/zones/${zone}`;
  if (level === 'zone') {
    const path = `${base}/origin_tls_client_auth/settings`;
    const { result, messages } = await callApi<{ readonly enabled: boolean }>(access, 'PUT', path, { enabled: on });
    return { enabled: result.enabled, messages };
  }
  const path = `${base}/settings/tls_client_auth`;
  const value = on ? 'on' : 'off';
  const { result, messages } = await callApi<{ readonly value: string }>(access, 'PATCH', path, { value });
  return { enabled: result.value === 'on', messages };
}

async function switchHostname(
  access: ApiAccess,
  flags: Flags & { readonly json: boolean },
  on: boolean,
): Promise<void> {
  const hostname = flags.hostname ?? '';
  if (flags.level !== undefined) {
    throw new Failure('--level is for zones: a hostname is a level of its own.', 'Leave --level or --hostname out.');
  }
  const zone = await zoneOf(access, flags.zone, hostname);
  const certificate = flags.cert ?? (await certificateFor(access, zone, hostname));
  if (flags.preview === true) {
    const change = { kind: 'hostname_level', hostname, on, cert_id: certificate } as const;
    return preview(access, zone, change, flags.json);
  }
  if (!on)
    await confirmAtTerminal(
      `The origin of ${hostname} will be shown no certificate; a locked one will refuse the edge.`,
      flags,
    );
  const entry = { hostname, cert_id: certificate, enabled: on };
  const said = on ? `${hostname} presents the certificate ${certificate}.` : `${hostname} presents no certificate.`;
  await associate(access, zone, { entry, json: flags.json, said });
}

interface Change {
  readonly entry: { readonly hostname: string; readonly cert_id: string; readonly enabled: boolean | null };
  readonly json: boolean;
  readonly said: string;
}

async function associate(access: ApiAccess, zone: ZoneFacts, { entry, json, said }: Change): Promise<void> {
  const path = `/client/v4/zones/${zone.id}/origin_tls_client_auth/hostnames`;
  const { messages } = await callApi<unknown>(access, 'PUT', path, { config: [entry] });
  const plan = entry.hostname.startsWith('*.') ? null : await effectivePlan(access, zone.id, entry.hostname);
  show(json, { ...entry, plan }, () => (plan === null ? said : `${said}\n${plan.why}`));
  note(...messages);
}

async function ownAssociation(
  access: ApiAccess,
  zone: ZoneFacts,
  hostname: string,
): Promise<AssociationFacts | undefined> {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return (await allAssociations(access, zone.id)).find((one) => one.hostname === name);
}

/** The API asks for a certificate with each hostname, also to veto: the one named before, or the only one there is. */
async function certificateFor(access: ApiAccess, zone: ZoneFacts, hostname: string): Promise<string> {
  const own = await ownAssociation(access, zone, hostname);
  if (own !== undefined) return own.cert_id;
  const path = `/client/v4/zones/${zone.id}/origin_tls_client_auth/hostnames/certificates`;
  const { result } = await callApi<readonly { readonly id: string }[]>(access, 'GET', path);
  const [only, ...others] = result;
  if (only !== undefined && others.length === 0) return only.id;
  if (only === undefined) {
    throw new Failure(
      `${zone.name} has no certificate for hostnames, and the API asks for one with each hostname.`,
      `Upload one: postern certs upload --zone ${zone.name} --hostname-level --cert FILE --key FILE`,
    );
  }
  const ids = result.map(({ id }) => id).join(', ');
  throw new Failure(`${zone.name} has ${result.length} certificates for hostnames.`, `Name one with --cert: ${ids}.`);
}
