import { Option } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { IMPACT, ImpactBody } from '../../wire/impact.ts';
import { visible } from '../../wire/visible.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { EXIT } from '../failure.ts';
import { onStdout, show } from '../print.ts';
import type { ZoneFacts } from '../zone-lookup.ts';
import type { RateLimitBody } from './rate-limit-flags.ts';

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

/** What the API is asked, also with a limit as it was typed: the API says what is wrong with it. */
type Asked = ImpactBody | { readonly kind: 'rate_limit_put'; readonly rule?: string; readonly change: RateLimitBody };

/** Prints what would follow from a change. Ends with 1 where something would break, or open. */
export async function preview(
  access: ApiAccess,
  zone: Pick<ZoneFacts, 'id' | 'name'>,
  change: Asked,
  json: boolean,
): Promise<void> {
  return previewAt(access, `/postern/v1/zones/${zone.id}/impact`, change, json);
}

/** The same of what is in no zone: a token, or a channel for notices. */
export async function previewAt(
  access: ApiAccess,
  path: string,
  change: { readonly kind: string; readonly change?: object },
  json: boolean,
): Promise<void> {
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
