import { MODE_WORDS } from '../ssl/mode.ts';
import { actionText } from './actions.ts';
import { type AuditEntry, type Difference, differences } from './entry.ts';

type Told = Pick<AuditEntry, 'action' | 'before' | 'after'>;

/** More are told by their number: the entry itself has all. */
const MOST_TOLD = 3;

const MODES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(MODE_WORDS).map(([mode, { title }]) => [mode, title]),
);

const COMPLIANCES: Readonly<Record<string, string>> = {
  none: 'no limit',
  fips: 'FIPS',
  pqh: 'post-quantum hybrids',
  fips_pqh: 'FIPS and post-quantum hybrids',
};

interface SettingWords {
  readonly called: string;
  readonly values?: Readonly<Record<string, string>>;
}

/** The settings of a zone by the names that the log has, as the pages call them. */
const SETTINGS: Readonly<Record<string, SettingWords>> = {
  ssl: { called: 'the SSL/TLS mode', values: MODES },
  alwaysUseHttps: { called: 'Always Use HTTPS' },
  minTlsVersion: { called: 'the minimum TLS version' },
  compliance: { called: 'the key exchanges with origins', values: COMPLIANCES },
  globalPull: { called: 'the global level of origin pulls' },
  zonePull: { called: 'the zone level of origin pulls' },
};

/** What was done, in a sentence as far as the entry tells more than its action does: which setting, and in which direction. */
export function actText({ action, before, after }: Told): string {
  if (action === 'set') return settingsText({ before, after }) ?? actionText(action);
  if (action === 'sign_in' && after['by'] === 'code') return 'Signed in by the address that postern up printed';
  if (action === 'edit_zone' && typeof after['paused'] === 'boolean')
    return after['paused'] ? 'Paused the zone' : 'Resumed the zone';
  if (action === 'update_setup' && before['mode'] !== after['mode'] && typeof after['mode'] === 'string') {
    if (after['mode'] === 'enforce') return 'Decided to refuse strangers in the set-up of';
    if (before['mode'] === 'enforce') return 'Went back to watching in the set-up of';
  }
  return actionText(action);
}

/** What differs, in one line beside what was done; empty where the action says it, or where it is a thing that came or went. */
export function detailText({ action, before, after }: Told): string {
  if (!action.startsWith('update_')) return '';
  const all = differences({ before, after }).filter((one) => one.before !== null && one.after !== null);
  if (all.length === 0) return '';
  const told = all.slice(0, MOST_TOLD).map(differenceText);
  const more = all.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more.toLocaleString('en')} more`] : [])].join(', ');
}

function differenceText({ path, before, after }: Difference): string {
  const name = path.split(' › ').at(-1) ?? path;
  if (after === 'true') return `${name} on`;
  if (after === 'false') return `${name} off`;
  return `${name} from ${before} to ${after}`;
}

function settingsText({ before, after }: Pick<Told, 'before' | 'after'>): string | null {
  const names = Object.keys(SETTINGS).filter((name) => name in after);
  const acts = names.map((name) => settingText(SETTINGS[name] ?? { called: name }, before[name], after[name]));
  if (acts.length === 0) return null;
  const text = acts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function settingText({ called, values = {} }: SettingWords, before: unknown, after: unknown): string {
  if (typeof after === 'boolean') return `switched ${called} ${after ? 'on' : 'off'}`;
  const words = (value: unknown) => {
    const text = String(value);
    return Object.hasOwn(values, text) ? (values[text] ?? text) : text;
  };
  return before === undefined
    ? `set ${called} to ${words(after)}`
    : `changed ${called} from ${words(before)} to ${words(after)}`;
}
