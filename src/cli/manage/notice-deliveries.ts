import { setTimeout as after } from 'node:timers/promises';
import type { Command } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { DELIVERY } from '../../wire/notices.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { CHANNELS_PATH, theChannel, WHICH } from './notice-channels.ts';

type DeliveryFacts = View<typeof DELIVERY>;

const LOOK_EVERY = 200;
/** A receiver has ten seconds; a mail server may take some more. */
const LOOK_FOR = 30_000;

/** `postern notices deliveries` */
export function deliveriesCommand(): Command {
  return apiCommand('deliveries', 'what went out by a channel of late, and why it did not arrive', [
    'notices deliveries ops',
  ])
    .argument('<channel>', WHICH)
    .action(
      calling<ApiCommandFlags>(async ({ access, json }, text = '') => {
        const { id } = await theChannel(access, text);
        const found = await deliveries(access, id);
        show(json, found, () =>
          found.length === 0
            ? 'Nothing went out by it yet.'
            : fittedTable(['WHEN', 'STATE', 'NOTICES', 'ATTEMPTS', 'LAST', 'NEXT'], found.map(deliveryRow)),
        );
      }),
    );
}

async function deliveries(access: ApiAccess, id: string): Promise<readonly DeliveryFacts[]> {
  const path = `${CHANNELS_PATH}/${id}/deliveries?per_page=100`;
  return (await callApi<readonly DeliveryFacts[]>(access, 'GET', path)).result;
}

const COLOURS = { delivered: 'green', waiting: 'yellow', failed: 'red' } as const;

function deliveryRow({ created_on, state, notices, attempts, next_attempt_on }: DeliveryFacts): readonly string[] {
  return [
    onStdout('dim', minute(created_on)),
    onStdout(COLOURS[state], state),
    String(notices.length),
    String(attempts.length),
    lastWord(attempts),
    next_attempt_on === null ? '-' : minute(next_attempt_on),
  ];
}

function minute(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

function lastWord(attempts: DeliveryFacts['attempts']): string {
  const last = attempts.at(-1);
  if (last === undefined) return '-';
  const status = last.status === null ? '' : ` (${last.status})`;
  return `${last.text ?? 'arrived'}${status}`;
}

/** `postern notices test` */
export function testCommand(): Command {
  return apiCommand('test', 'send a notice that says nothing, and wait for what becomes of it', ['notices test ops'])
    .argument('<channel>', WHICH)
    .action(
      calling<ApiCommandFlags>(async ({ access, json }, text = '') => {
        const { id, name } = await theChannel(access, text);
        const { result } = await callApi<DeliveryFacts>(access, 'POST', `${CHANNELS_PATH}/${id}/test`);
        const tried = await firstAttempt(access, id, result);
        if (tried.state === 'delivered') return show(json, tried, () => `It arrived at ${name}.`);
        throw new Failure(
          `It did not arrive at ${name}: ${lastWord(tried.attempts)}.`,
          tried.state === 'failed'
            ? 'It is not tried again.'
            : '"postern notices deliveries" shows when it is tried again.',
          EXIT.notGood,
        );
      }),
    );
}

async function firstAttempt(access: ApiAccess, channel: string, sent: DeliveryFacts): Promise<DeliveryFacts> {
  for (let waited = 0; waited < LOOK_FOR; waited += LOOK_EVERY) {
    const found = (await deliveries(access, channel)).find(({ id }) => id === sent.id);
    if (found !== undefined && found.attempts.length > 0) return found;
    await after(LOOK_EVERY);
  }
  throw new Failure(
    'It waits still: nothing has come of it.',
    'Other messages of the channel go first; "postern notices deliveries" shows them.',
    EXIT.undetermined,
  );
}
