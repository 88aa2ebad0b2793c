import { type Command, Option } from 'commander';
import { KEY_TYPES } from '../../pki/keys.ts';
import { callApi } from '../api.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { collect } from '../flag-value.ts';
import { note, show } from '../print.ts';
import { spokenSpan } from '../time-span.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags, MadeLikeFlags {
  readonly zone: string;
  readonly hostname?: readonly string[];
  readonly associate: boolean;
}

/** Flags about certificates that Postern makes. */
export interface MadeLikeFlags {
  readonly keyType?: string;
  readonly lifetime?: string;
}

interface Issued {
  readonly id: string;
  readonly expires_on: string;
}

const DAY = 86_400;

/** `postern certs issue`: a certificate of the zone's own authority for single hostnames. */
export function issueCommand(): Command {
  const command = zoneCommand('issue', 'have the authority of the zone make a certificate for hostnames', [
    'certs issue --zone example.test --hostname www.example.test',
    'certs issue --zone example.test --hostname api.example.test \\\n      --key-type rsa:3072 --lifetime 24h',
  ])
    .option('--hostname <name>', 'hostname or wildcard that it is for; repeatable', collect)
    .option('--no-associate', 'the hostnames do not present it yet');
  return withMadeLike(command).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { hostname: hostnames, associate } = flags;
      if (hostnames === undefined) {
        throw new Failure('No hostname is given.', 'Name at least one with --hostname www.example.test.');
      }
      const { id, name } = await zoneNamed(access, flags.zone);
      const path = `/postern/v1/zones/${id}/managed_certificates`;
      const body = { hostnames, associate, ...madeLikeOf(flags) };
      const { result, messages } = await callApi<Issued>(access, 'POST', path, body);
      show(json, result, () => {
        const names = hostnames.join(', ');
        const use = associate ? `presented for ${names} from now on` : `for ${names}, presented by none of them yet`;
        return `Issued for ${name}: ${result.id} (until ${result.expires_on.slice(0, 10)}), ${use}`;
      });
      note(...messages);
    }),
  );
}

/** The flags that say what new certificates are to be like. */
export function withMadeLike(command: Command): Command {
  return command
    .addOption(
      new Option('--key-type <type>', 'kind of the new keys (default: as before, ec:P-256 at first)').choices(
        KEY_TYPES,
      ),
    )
    .option('--lifetime <span>', 'how long leaf certificates live: 24h to 365d (default: as before, 30d at first)');
}

/** What those flags say, as the API wants it. */
export function madeLikeOf({ keyType, lifetime }: MadeLikeFlags): object {
  return {
    ...(keyType === undefined ? {} : { key_type: keyType }),
    ...(lifetime === undefined ? {} : { lifetime_days: wholeDays('--lifetime', lifetime) }),
  };
}

function wholeDays(flag: string, text: string): number {
  const days = spokenSpan(flag, text) / DAY;
  if (Number.isInteger(days) && days >= 1 && days <= 365) return days;
  throw new Failure(
    `${flag} ${text} is not between a day and a year, in whole days.`,
    'Write it like 24h, 7d or 365d.',
  );
}
