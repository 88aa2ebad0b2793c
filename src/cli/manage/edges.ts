import { setTimeout as after } from 'node:timers/promises';
import type { Command } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { EDGE_ADDRESSES } from '../../wire/edge-addresses.ts';
import type { EDGE } from '../../wire/edge-view.ts';
import { type ApiAccess, type ApiAnswer, callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { collect } from '../flag-value.ts';
import { networkList } from '../network-list.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';

interface Flags extends ApiCommandFlags {
  readonly watch?: boolean;
}

const NONE_SAID = 'None are known. Say them with --set CIDR,…';

type EdgeFacts = View<typeof EDGE>;

const WATCH_EVERY = 2_000;
/** ECMA-48: cursor to the first place, then erase what follows. */
const CLEAR = '\u001b[H\u001b[J';

/** `postern edges`: which edges there are, whether they keep up, and what they do. */
export function edgesCommand(): Command {
  return apiCommand('edges', 'the edges: revision in force, how far behind, connections, requests', [
    'edges',
    'edges --watch',
    'edges --json | jq ".[] | select(.lag > 0)"',
  ])
    .addCommand(addressesCommand())
    .option('--watch', 'look again every two seconds, until interrupted')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        if (flags.watch === true && json) {
          throw new Failure('--watch is for people and --json for programs.', 'Give one of them.');
        }
        for (;;) {
          if (flags.watch === true && process.stdout.isTTY) process.stdout.write(CLEAR);
          const { result, messages } = await callApi<readonly EdgeFacts[]>(access, 'GET', '/postern/v1/edges');
          note(...messages);
          show(json, result, () => (result.length === 0 ? 'No edge has connected.' : edgesTable(result)));
          if (flags.watch !== true) return;
          await after(WATCH_EVERY);
        }
      }),
    );
}

const ADDRESSES = '/postern/v1/edges/addresses';

type Addresses = View<typeof EDGE_ADDRESSES>;

interface AddressFlags extends ApiCommandFlags {
  readonly set?: readonly string[];
  readonly clear?: boolean;
}

/** `postern edges addresses`: from where the edges connect to origins, as an operator has said. */
function addressesCommand(): Command {
  return apiCommand('addresses', 'from where the edges connect to origins, for packet filters there', [
    'edges addresses',
    'edges addresses --set 192.0.2.0/24,2001:db8::/48',
    'edges addresses --clear',
  ])
    .option('--set <cidr,…>', 'say so, in place of what was said before; repeatable', collect)
    .option('--clear', 'forget what was said')
    .action(
      calling<AddressFlags>(async ({ access, flags: { set, clear }, json }) => {
        if (set !== undefined && clear === true) {
          throw new Failure('--set and --clear exclude each other.', 'Give one of them.');
        }
        const networks = (set ?? []).flatMap((list) => networkList(list, '--set'));
        if (set !== undefined && networks.length === 0) {
          throw new Failure('--set names no network.', 'Write addresses or networks, or --clear to forget them.');
        }
        const { result, messages } =
          set === undefined && clear !== true
            ? await edgeAddresses(access)
            : await callApi<Addresses>(access, 'PUT', ADDRESSES, { networks });
        note(...messages);
        show(json, result, () => result.networks.join('\n') || NONE_SAID);
      }),
    );
}

/** The networks that the control plane knows. */
export function edgeAddresses(access: ApiAccess): Promise<ApiAnswer<Addresses>> {
  return callApi<Addresses>(access, 'GET', ADDRESSES);
}

function edgesTable(edges: readonly EdgeFacts[]): string {
  return fittedTable(
    ['EDGE', 'STATE', 'REVISION', 'WORKERS', 'REQ/S', 'VISITORS', 'ORIGINS', 'WAITING', 'REACHED AT'],
    edges.map((edge) => [
      edge.name,
      state(edge),
      String(edge.applied_revision),
      ...(edge.traffic === null
        ? ['-', '-', '-', '-', '-']
        : [
            String(edge.traffic.workers),
            edge.traffic.requests_per_second.toFixed(1),
            String(edge.traffic.visitor_connections),
            String(edge.traffic.origin_connections),
            String(edge.traffic.pulls_waiting),
          ]),
      reachedText(edge),
    ]),
  );
}

function reachedText({ listening }: EdgeFacts): string {
  if (listening === null) return '-';
  const [first = '-', ...others] = listening.reached;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function state({ connected, lag, rejected }: EdgeFacts): string {
  if (!connected) return onStdout('red', 'absent');
  if (rejected !== null) return onStdout('red', `rejected ${rejected.revision}: ${rejected.because}`);
  return lag === 0 ? onStdout('green', 'in step') : onStdout('yellow', `${lag} behind`);
}
