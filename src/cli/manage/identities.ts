import { Command, Option } from 'commander';
import { callApi, listAll } from '../api.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { note, onStdout, show } from '../print.ts';
import { facts, fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone: string;
  readonly level?: string;
}

/** An identity as the API shows it; its key has no view. */
interface IdentityFacts {
  readonly id: string;
  readonly level: string;
  readonly source: string;
  readonly status: string;
  readonly fingerprint: string;
  readonly subject: string;
  readonly uris: readonly string[];
  readonly issuer: string;
  readonly serial_number: string;
  readonly valid_from: string;
  readonly expires_on: string;
  readonly renews_on: string | null;
  readonly key_at_edge: boolean;
  readonly provable: boolean;
  readonly presented_by: { readonly count: number; readonly hostnames: readonly string[] };
}

const MOST_AT_ONCE = 1000;

/** `postern identities …` */
export function identitiesCommand(): Command {
  return new Command('identities')
    .description('every identity that a zone can present: uploaded, managed and shared')
    .addCommand(listCommand())
    .addCommand(showCommand());
}

function listCommand(): Command {
  return zoneCommand('list', 'the identities of a zone, and how many hostnames present each', [
    'identities list --zone example.test',
    'identities list --zone example.test --level hostname --json',
  ])
    .addOption(new Option('--level <level>', 'only those of one level').choices(['hostname', 'zone', 'global']))
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { id } = await zoneNamed(access, flags.zone);
        const path = `/postern/v1/zones/${id}/identities${flags.level === undefined ? '' : `?level=${flags.level}`}`;
        const { result, messages } = await listAll<IdentityFacts>(access, path, MOST_AT_ONCE);
        show(json, result, () => identityTable(result));
        note(...messages);
      }),
    );
}

function identityTable(identities: readonly IdentityFacts[]): string {
  return fittedTable(
    ['LEVEL', 'SOURCE', 'STATE', 'EXPIRES', 'NAMES', 'ID'],
    identities.map((one) => [
      one.level,
      one.source,
      state(one),
      one.expires_on.slice(0, 10),
      String(one.presented_by.count),
      onStdout('dim', one.id),
    ]),
  );
}

function state({ status, key_at_edge, provable }: IdentityFacts): string {
  if (status !== 'active') return onStdout('yellow', status);
  if (!key_at_edge) return onStdout('red', 'no key');
  return provable ? onStdout('green', 'active') : onStdout('yellow', 'unprovable');
}

function showCommand(): Command {
  return zoneCommand('show', 'one identity', ['identities show 2458ce5a-… --zone example.test'])
    .argument('<id>', 'id of the identity')
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const { id: zone } = await zoneNamed(access, flags.zone);
        const path = `/postern/v1/zones/${zone}/identities/${encodeURIComponent(id)}`;
        const { result, messages } = await callApi<IdentityFacts>(access, 'GET', path);
        show(json, result, () => identityInFull(result));
        note(...messages);
      }),
    );
}

function identityInFull(one: IdentityFacts): string {
  const { count, hostnames } = one.presented_by;
  const more = count > hostnames.length ? ` and ${count - hostnames.length} more` : '';
  return facts([
    ['id', one.id],
    ['level', `${one.level} (${one.source})`],
    ['state', state(one)],
    ['subject', one.subject],
    ['uri', one.uris.join(', ') || 'none'],
    ['issuer', one.issuer],
    ['serial', one.serial_number],
    ['fingerprint', one.fingerprint],
    ['valid', `${one.valid_from} to ${one.expires_on}`],
    ['renewed', one.renews_on ?? 'by its owner'],
    ['key at edge', one.key_at_edge ? 'yes' : onStdout('red', 'no')],
    ['verifiable', one.provable ? 'yes, by the bundle' : onStdout('yellow', 'no: its issuers are not known')],
    ['presented by', count === 0 ? 'no hostname' : `${hostnames.join(', ')}${more}`],
  ]);
}
