import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import type { Site } from './admission.ts';
import { ownDirectives } from './endpoints.ts';
import { verdictLines } from './headers.ts';
import type { Said } from '../said.ts';
import { setting, settingText } from './settings.ts';

/** What is said of a locked site beside who gets in. */
export function settingsSaid(site: Site): readonly Said[] {
  return [...earlyData(site), ...sessions(site), ...versions(site), ...loosePins(site), ...telling(site)];
}

function said(code: FindingCode, { place, name, args }: Effective): Said {
  return { code, where: place, detail: [name, ...args].join(' ').slice(0, 200) };
}

function earlyData({ host }: Site): readonly Said[] {
  const directive = setting(host, 'ssl_early_data');
  return directive?.args[0] === 'on' ? [said('early_data', directive)] : [];
}

// With keys that each start makes anew, a reload ends all tickets; a shared cache and a key in a file outlive it.
function sessions({ host }: Site): readonly Said[] {
  const cache = setting(host, 'ssl_session_cache');
  const key = setting(host, 'ssl_session_ticket_key');
  const tickets = settingText(host, 'ssl_session_tickets') !== 'off';
  const lasting = [
    ...(cache?.args.some((arg) => /^(?:shared:|builtin)/.test(arg)) ? [cache] : []),
    ...(key !== null && tickets ? [key] : []),
  ];
  return lasting.slice(0, 1).map((one) => said('lasting_sessions', one));
}

function versions({ host }: Site): readonly Said[] {
  const directive = setting(host, 'ssl_protocols');
  if (directive === null) return [];
  const modern = directive.args.filter((arg) => arg === 'TLSv1.2' || arg === 'TLSv1.3');
  return modern.length === 1 ? [said('tls_version', directive)] : [];
}

// Whether the application hears of the lock at all. It holds either way.
function telling(site: Site): readonly Said[] {
  const hands = site.endpoints.some((endpoint) => endpoint.hands);
  const [line] = verdictLines(site);
  if (hands && line === undefined) return [{ code: 'header_absent', where: site.host.place, detail: '' }];
  return !hands && line !== undefined ? [said('header_unheard', line)] : [];
}

const NAMES = /ssl_client_(?:s_dn|i_dn|subject|serial)/;

// An expression that fits a part of a name also fits the names that somebody makes around it.
function loosePins(site: Site): readonly Said[] {
  const { block, http } = site.host;
  const levels = [block.inner ?? [], ...site.endpoints.map(({ levels }) => levels.at(-1) ?? [])];
  const conditions = [...new Set(levels.flatMap((level) => [...ownDirectives(level)]))].filter(
    ({ name }) => name === 'if',
  );
  const pinned = conditions.filter(
    ({ args: [left = '', operator = '', right = ''] }) =>
      NAMES.test(left) && operator.includes('~') && isLoose(right.replace(/\)$/, '')),
  );
  const used = new Set(
    levels
      .flatMap((level) => [...ownDirectives(level)])
      .flatMap(({ args }) => args.flatMap((arg) => [...arg.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name))),
  );
  const tables = http.filter(
    ({ name, args }) => name === 'map' && NAMES.test(args[0] ?? '') && used.has((args[1] ?? '').replace(/^\$/, '')),
  );
  const rows = tables
    .flatMap(({ inner }) => inner ?? [])
    .filter(({ name }) => name.startsWith('~') && isLoose(name.replace(/^~\*?/, '')));
  return [...pinned, ...rows].map((one) => said('loose_pin', one));
}

/** Whether a pattern leaves room before or behind what it names. Between commas is a whole part of a name. */
function isLoose(pattern: string): boolean {
  const begins = /^(?:\^|\(\?:\^\|,\)|\(\^\|,\))/.test(pattern);
  const ends = /(?:\$|\(\?:,\|\$\)|\(,\|\$\)|\(\?:\$\|,\)|\(\$\|,\))$/.test(pattern);
  return !begins || !ends || /(?<!\\)\.[*+]/.test(pattern.replace(/^\^\.\*/, ''));
}
