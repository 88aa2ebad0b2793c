import { Command } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { RATE_LIMIT } from '../../wire/rate-limits.ts';
import { type ApiAccess, callApi, listAll } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { wholeNumber } from '../flag-value.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { type ZoneFacts, zoneNamed } from '../zone-lookup.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';
import { NEW_LIMIT, type RateLimitFlags, rateLimitBody, withRateLimitFlags } from './rate-limit-flags.ts';
import { SHORT_ID, theRule } from './rule-lookup.ts';

interface Flags extends ApiCommandFlags, RateLimitFlags, PreviewFlags {
  readonly zone: string;
  readonly yes?: boolean;
}

/** A rate limit as the API shows it. */
type RateLimitFacts = View<typeof RATE_LIMIT>;

const MOST_LIMITS = 1_000;
const WHICH = 'its description, its URL, or its id (the first digits are enough)';

/** `postern rate-limits …` */
export function rateLimitsCommand(): Command {
  return new Command('rate-limits')
    .description('how often one visitor may ask for something')
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(setCommand())
    .addCommand(deleteCommand());
}

/** The rate limits of a zone in the API, or one of them. */
export function rateLimitsPath(zone: string, id?: string): string {
  return `/client/v4/zones/${zone}/rate_limits${id === undefined ? '' : `/${id}`}`;
}

/** The rate limits of a zone, in the order in which they were made. */
export async function allLimits(access: ApiAccess, zone: string): Promise<readonly RateLimitFacts[]> {
  return (await listAll<RateLimitFacts>(access, rateLimitsPath(zone), MOST_LIMITS)).result;
}

function listCommand(): Command {
  return zoneCommand('list', 'the rate limits of a zone', ['rate-limits list --zone example.test']).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id, name } = await zoneNamed(access, flags.zone);
      const limits = await allLimits(access, id);
      show(json, limits, () => (limits.length === 0 ? `${name} limits nothing.` : limitTable(limits)));
    }),
  );
}

function limitTable(limits: readonly RateLimitFacts[]): string {
  return fittedTable(
    ['URL', 'REQUESTS', 'ALLOWED', 'THEN', 'DESCRIPTION', 'ID'],
    limits.map((limit) => [
      limit.match.request.url,
      requests(limit),
      allowed(limit),
      limit.disabled ? onStdout('yellow', 'disabled') : then(limit),
      limit.description === '' ? '-' : limit.description,
      onStdout('dim', limit.id.slice(0, SHORT_ID)),
    ]),
  );
}

function requests({ match: { request } }: RateLimitFacts): string {
  const words = [request.methods, request.schemes.map((scheme) => scheme.toLowerCase())].map((some) => some.join(','));
  const said = words.filter((some) => some.toUpperCase() !== '_ALL_').join(' ');
  return said === '' ? 'all' : said;
}

function allowed({ threshold, period, characteristics }: RateLimitFacts): string {
  return `${threshold} in ${period} s${characteristics.includes('http.host') ? ' per host' : ''}`;
}

function then({ action: { mode, timeout } }: RateLimitFacts): string {
  return mode === 'ban' ? `ban ${timeout} s` : 'only log';
}

function addCommand(): Command {
  const command = zoneCommand('add', 'limit how often one visitor may ask for something', [
    'rate-limits add "*.example.test/login*" --zone example.test \\\n      --threshold 5 --period 60',
    'rate-limits add "example.test/api/*" --zone example.test \\\n      --threshold 100 --period 10 --method POST --timeout 600',
  ])
    .argument('<url>', 'host and path, without scheme and query; * stands for anything')
    .requiredOption('--threshold <n>', 'so many requests …')
    .requiredOption('--period <seconds>', '… are allowed in so many seconds')
    .addOption(previewOption());
  return withRateLimitFlags(command).action(
    calling<Flags>(async ({ access, flags, json }, url = '') => {
      const { threshold = '', period = '' } = flags;
      const numbers = {
        threshold: wholeNumber('--threshold', threshold),
        period: wholeNumber('--period', period),
      };
      const body = rateLimitBody({ ...NEW_LIMIT, ...numbers }, { ...flags, url });
      const { id, name } = await zoneNamed(access, flags.zone);
      if (flags.preview === true) return preview(access, { id, name }, { kind: 'rate_limit_put', change: body }, json);
      const { result, messages } = await callApi<RateLimitFacts>(access, 'POST', rateLimitsPath(id), body);
      show(json, result, () => `Added ${described(result)}.`);
      note(...messages);
    }),
  );
}

function setCommand(): Command {
  const command = zoneCommand('set', 'change a rate limit', [
    'rate-limits set login --zone example.test --threshold 10',
    'rate-limits set 3f2a91c0 --zone example.test --action simulate',
  ])
    .argument('<limit>', WHICH)
    .option('--url <url>', 'host and path, without scheme and query; * stands for anything')
    .option('--threshold <n>', 'so many requests …')
    .option('--period <seconds>', '… are allowed in so many seconds')
    .addOption(previewOption());
  return withRateLimitFlags(command).action(
    calling<Flags>(async ({ access, flags, json }, text = '') => {
      const zone = await zoneNamed(access, flags.zone);
      const limit = await theLimit(access, zone, text);
      const body = rateLimitBody(limit, flags);
      if (JSON.stringify(body) === JSON.stringify(rateLimitBody(limit, {}))) {
        throw new Failure(
          'Nothing to change was named.',
          'Add --threshold, --period, --action, --disable or another that differs.',
        );
      }
      if (flags.preview === true) {
        return preview(access, zone, { kind: 'rate_limit_put', rule: limit.id, change: body }, json);
      }
      const { result, messages } = await callApi<RateLimitFacts>(
        access,
        'PUT',
        rateLimitsPath(zone.id, limit.id),
        body,
      );
      show(json, result, () => `Changed ${described(result)}.`);
      note(...messages);
    }),
  );
}

function deleteCommand(): Command {
  return zoneCommand('delete', 'delete a rate limit', [
    'rate-limits delete login --zone example.test',
    'rate-limits delete 3f2a91c0 --zone example.test --yes',
  ])
    .argument('<limit>', WHICH)
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const zone = await zoneNamed(access, flags.zone);
        const limit = await theLimit(access, zone, text);
        if (flags.preview === true) return preview(access, zone, { kind: 'rate_limit_delete', rule: limit.id }, json);
        await confirm(`This deletes ${described(limit)}.`, flags);
        const { result, messages } = await callApi<unknown>(access, 'DELETE', rateLimitsPath(zone.id, limit.id));
        show(json, result, () => `Deleted ${described(limit)}.`);
        note(...messages);
      }),
    );
}

async function theLimit(access: ApiAccess, zone: ZoneFacts, text: string): Promise<RateLimitFacts> {
  return theRule(text, {
    all: await allLimits(access, zone.id),
    called: ({ description, match }) => [description, match.request.url],
    list: `rate-limits list --zone ${zone.name}`,
  });
}

function described(limit: RateLimitFacts): string {
  const { url } = limit.match.request;
  return `the limit for ${url}: ${allowed(limit)}, then ${then(limit)}${limit.disabled ? ' (disabled)' : ''}`;
}
