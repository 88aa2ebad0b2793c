import { Option } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { IMPACT, ImpactBody } from '../../wire/impact.ts';
import { visible } from '../../wire/visible.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { EXIT } from '../failure.ts';
import { onStdout, show } from '../print.ts';
import type { ZoneFacts } from '../zone-lookup.ts';

/** Of commands that change something whose consequences can be told before. */
export interface PreviewFlags {
  readonly preview?: boolean;
}

/** The flag of such a command. */
export function previewOption(): Option {
  return new Option('--preview', 'say what would follow, and change nothing');
}

type Consequence = View<typeof IMPACT>['consequences'][number];

const COLOURS = { stop: 'red', warning: 'yellow', note: 'dim' } as const;

/** Prints what would follow from a change. Ends with 1 where something would break, or open. */
export async function preview(
  access: ApiAccess,
  zone: Pick<ZoneFacts, 'id' | 'name'>,
  change: ImpactBody,
  json: boolean,
): Promise<void> {
  const path = `/postern/v1/zones/${zone.id}/impact`;
  const { result } = await callApi<View<typeof IMPACT>>(access, 'POST', path, change);
  const { consequences } = result;
  show(json, result, () =>
    consequences.length === 0 ? 'Nothing would be different.' : consequences.map(text).join('\n'),
  );
  process.exitCode = consequences.some(({ severity }) => severity === 'stop') ? EXIT.notGood : EXIT.good;
}

function text({ severity, text: words, fix, hostnames, count }: Consequence): string {
  const more = count > hostnames.length ? ` and ${count - hostnames.length} others` : '';
  return [
    `${onStdout(COLOURS[severity], severity)} ${visible(words)}`,
    ...(hostnames.length === 0 ? [] : [`  ${visible(hostnames.join(' '))}${more}`]),
    ...(severity === 'note' ? [] : [`  → ${visible(fix)}`]),
  ].join('\n');
}
