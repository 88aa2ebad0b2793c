import { Argument, Command, Option } from 'commander';
import type { ACCESS_RULE } from '../../wire/access-rules.ts';
import type { View } from '../../wire/answer-fields.ts';
import { networkText } from '../../wire/networks.ts';
import { type ApiAccess, callApi, listAll } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { type ZoneFacts, zoneNamed } from '../zone-lookup.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';
import { SHORT_ID, theRule } from './rule-lookup.ts';

interface Flags extends ApiCommandFlags, PreviewFlags {
  readonly zone: string;
  readonly mode?: Mode;
  readonly notes?: string;
  readonly yes?: boolean;
}

/** What becomes of visitors, and what the API calls it. */
const MODES = { allow: 'whitelist', block: 'block' } as const;
type Mode = keyof typeof MODES;

/** An access rule as the API shows it. */
type AccessRuleFacts = View<typeof ACCESS_RULE>;

const MOST_RULES = 1_000;

/** `postern access-rules …` */
export function accessRulesCommand(): Command {
  return new Command('access-rules')
    .description('which visitors are blocked, and which let in, by address')
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(deleteCommand());
}

/** The access rules of a zone in the API, or one of them. */
export function accessRulesPath(zone: string, id?: string): string {
  return `/client/v4/zones/${zone}/firewall/access_rules/rules${id === undefined ? '' : `/${id}`}`;
}

/** The access rules of a zone, in the order in which they were made. */
export async function allRules(access: ApiAccess, zone: string): Promise<readonly AccessRuleFacts[]> {
  return (await listAll<AccessRuleFacts>(access, accessRulesPath(zone), MOST_RULES)).result;
}

function listCommand(): Command {
  return zoneCommand('list', 'the access rules of a zone', [
    'access-rules list --zone example.test',
    'access-rules list --zone example.test --mode block --json',
  ])
    .addOption(new Option('--mode <mode>', 'only those of this mode').choices(Object.keys(MODES)))
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { id, name } = await zoneNamed(access, flags.zone);
        const wanted = flags.mode === undefined ? null : MODES[flags.mode];
        const rules = (await allRules(access, id)).filter(({ mode }) => wanted === null || mode === wanted);
        show(json, rules, () => (rules.length === 0 ? `${name} has no such access rule.` : ruleTable(rules)));
      }),
    );
}

function ruleTable(rules: readonly AccessRuleFacts[]): string {
  return fittedTable(
    ['NETWORK', 'VISITORS', 'NOTES', 'ID'],
    rules.map(({ id, mode, configuration, notes }) => [
      configuration.value,
      mode === 'block' ? onStdout('red', 'blocked') : onStdout('green', 'allowed'),
      notes === '' ? '-' : notes,
      onStdout('dim', id.slice(0, SHORT_ID)),
    ]),
  );
}

function addCommand(): Command {
  return zoneCommand('add', 'block visitors from a network, or let them in past all other rules', [
    'access-rules add block 192.0.2.0/24 --zone example.test \\\n      --notes "scrapers"',
    'access-rules add allow 2001:db8::1 --zone example.test',
  ])
    .addArgument(new Argument('<mode>', 'what becomes of them').choices(Object.keys(MODES)))
    .argument('<network>', 'an address, or a network such as 192.0.2.0/24; the smallest that holds a visitor decides')
    .option('--notes <text>', 'a remark')
    .addOption(previewOption())
    .action(
      calling<Flags>(async ({ access, flags, json }, mode = '', network = '') => {
        const rule = { mode: mode === 'allow' ? MODES.allow : MODES.block, configuration: configuration(network) };
        const { id, name } = await zoneNamed(access, flags.zone);
        const body = flags.notes === undefined ? rule : { ...rule, notes: flags.notes };
        if (flags.preview === true) {
          return preview(access, { id, name }, { kind: 'access_rule_put', change: body }, json);
        }
        const { result, messages } = await callApi<AccessRuleFacts>(access, 'POST', accessRulesPath(id), body);
        show(json, result, () => `${described(result)} at ${name}.`);
        note(...messages);
      }),
    );
}

/** A network in the words of the API. */
function configuration(text: string): AccessRuleFacts['configuration'] {
  if (networkText(text) === null) {
    throw new Failure(
      `${JSON.stringify(text)} is no network.`,
      'Write an address, or a network without bits beyond its prefix, such as 10.1.0.0/16 or 2001:db8::/32.',
    );
  }
  if (text.includes('/')) return { target: 'ip_range', value: text };
  return { target: text.includes(':') ? 'ip6' : 'ip', value: text };
}

function deleteCommand(): Command {
  return zoneCommand('delete', 'delete an access rule', [
    'access-rules delete 192.0.2.0/24 --zone example.test',
    'access-rules delete 3f2a91c0 --zone example.test --yes',
  ])
    .argument('<rule>', 'its network, or its id (the first digits are enough)')
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const zone = await zoneNamed(access, flags.zone);
        const rule = theRule(networkText(text) ?? text, await rulesOf(access, zone));
        if (flags.preview === true) return preview(access, zone, { kind: 'access_rule_delete', rule: rule.id }, json);
        await confirm(`${described(rule)} at ${zone.name}: this rule ends.`, flags);
        const { result, messages } = await callApi<unknown>(access, 'DELETE', accessRulesPath(zone.id, rule.id));
        show(json, result, () => `Visitors from ${rule.configuration.value} have no rule of their own any more.`);
        note(...messages);
      }),
    );
}

async function rulesOf(access: ApiAccess, zone: ZoneFacts) {
  return {
    all: await allRules(access, zone.id),
    called: ({ configuration: { value } }: AccessRuleFacts) => [networkText(value) ?? value],
    list: `access-rules list --zone ${zone.name}`,
  };
}

function described({ mode, configuration: { value } }: AccessRuleFacts): string {
  return `Visitors from ${value} are ${mode === 'block' ? 'blocked' : 'let in past all other rules'}`;
}
