import { type Command, Option } from 'commander';
import { certificateId } from '../../domain/ids.ts';
import type { View } from '../../wire/answer-fields.ts';
import { REASONS, type REVOCATION } from '../../wire/revocations.ts';
import { callApi, listAll } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone: string;
  readonly reason?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

/** A revocation as the API shows it. */
type RevocationFacts = View<typeof REVOCATION>;

const MOST_AT_ONCE = 1000;

function pathOf(zone: string): string {
  return `/postern/v1/zones/${zone}/revocations`;
}

/** `postern certs revoke`: for good. */
export function revokeCommand(): Command {
  return zoneCommand('revoke', 'revoke a certificate that the CA of the zone issued, for good', [
    'certs revoke 2458ce5a-… --zone example.test --reason keyCompromise',
    'certs revoke 4A:3F:9C:0D:… --zone example.test --yes',
  ])
    .argument('<id|serial>', 'id of the certificate, or its serial number: decimal, 0x…, or with colons')
    .addOption(new Option('--reason <reason>', 'why; it stands on the list (default: unspecified)').choices(REASONS))
    .option('--force', 'also where the zone presents it now: its pulls are refused until there is another')
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, what = '') => {
        const { id: zone, name } = await zoneNamed(access, flags.zone);
        const certificate = certificateId(what.toLowerCase());
        const kind = certificate === null ? 'with the serial number' : '';
        await confirm(`This revokes the certificate ${kind} ${what} of ${name} for good.`.replace('  ', ' '), flags);
        const { result, messages } = await callApi<RevocationFacts>(access, 'POST', pathOf(zone), {
          ...(certificate === null ? { serial: what } : { certificate_id: certificate }),
          ...(flags.reason === undefined ? {} : { reason: flags.reason }),
          ...(flags.force === true ? { force: true } : {}),
        });
        show(json, result, () => `Revoked for ${name}: serial ${result.serial} (${result.reason})`);
        note(...messages);
      }),
    );
}

/** `postern certs revocations`: what is on the lists. */
export function revocationsCommand(): Command {
  return zoneCommand('revocations', 'what the CAs of a zone have revoked', [
    'certs revocations --zone example.test',
    'certs revocations --zone example.test --json',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id: zone, name } = await zoneNamed(access, flags.zone);
      const { result, messages } = await listAll<RevocationFacts>(access, pathOf(zone), MOST_AT_ONCE);
      show(json, result, () => (result.length === 0 ? `Nothing is revoked for ${name}.` : table(result)));
      note(...messages);
    }),
  );
}

function table(revocations: readonly RevocationFacts[]): string {
  return fittedTable(
    ['SERIAL', 'REVOKED', 'REASON', 'CERTIFICATE'],
    revocations.map(({ serial, revoked_on: on, reason, certificate_id: id, subject }) => {
      return [
        serial,
        on.slice(0, 10),
        reason,
        id === null ? onStdout('dim', 'unknown here') : `${id} ${subject ?? ''}`,
      ];
    }),
  );
}
