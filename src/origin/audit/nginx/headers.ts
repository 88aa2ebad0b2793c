import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import type { Place } from '../../server/place.ts';
import type { Site } from './admission.ts';
import { type Endpoint, inherited } from './endpoints.ts';
import { settingText } from './settings.ts';
import { type MadeVariables, partsOf } from './variables.ts';

/** How an endpoint tells the application what became of the certificate. */
export type Telling =
  | { readonly kind: 'told'; readonly header: string }
  | { readonly kind: 'not_told' }
  | { readonly kind: 'lost'; readonly code: FindingCode; readonly where: Place; readonly detail: string };

const SETTERS = ['proxy_set_header', 'grpc_set_header', 'fastcgi_param', 'uwsgi_param', 'scgi_param'];

/** Headers and parameters that carry nginx's verdict somewhere in a configuration, in lower case. */
export function verdictHeaders(sites: readonly Site[]): ReadonlySet<string> {
  return new Set(sites.flatMap(verdictLines).map(({ args }) => (args[0] ?? '').toLowerCase()));
}

/** The lines of a site that carry nginx's verdict. */
export function verdictLines(site: Site): readonly Effective[] {
  return site.endpoints.flatMap(({ levels }) => levels.flat()).filter((one) => carriesVerdict(one, site));
}

function carriesVerdict({ name, args }: Effective, { made }: Site): boolean {
  return SETTERS.includes(name) && mentionsVerdict(args[1] ?? '', made);
}

const MAX_DEPTH = 8;

function mentionsVerdict(written: string, made: MadeVariables, depth = 0): boolean {
  return partsOf(written).some((part) => {
    if (part.kind === 'text') return false;
    const table = made.get(part.name);
    if (table?.kind === 'map' && depth < MAX_DEPTH) return mentionsVerdict(table.source, made, depth + 1);
    return part.name === 'ssl_client_verify';
  });
}

// A fixed word that is not the one of success: the application hears that nothing was verified.
function deniesVerdict({ name, args: [header = '', value = ''] }: Effective, headers: ReadonlySet<string>): boolean {
  return SETTERS.includes(name) && headers.has(header.toLowerCase()) && !value.includes('$') && value !== 'SUCCESS';
}

/** Whether the application hears the verdict at this endpoint, and nothing in its place that the caller says. */
export function tellingAt(site: Site, endpoint: Endpoint, headers: ReadonlySet<string>): Telling {
  const tells = (one: Effective) => carriesVerdict(one, site) || deniesVerdict(one, headers);
  const lines = SETTERS.map((name) => inherited(endpoint.levels, name)).find((set) => set.some(tells));
  const line = lines?.find(tells);
  if (line !== undefined) return undermined(site, line, lines ?? []);
  if (headers.size === 0 || !endpoint.hands) return { kind: 'not_told' };
  return lost(site, endpoint, headers);
}

// A caller's copy in another spelling, which an application takes for the same.
function undermined(site: Site, line: Effective, lines: readonly Effective[]): Telling {
  const header = line.args[0] ?? '';
  const folded = header.replaceAll('-', '_');
  const isOn = settingText(site.host, 'underscores_in_headers') === 'on';
  const isCleared = lines.some(({ args }) => args[0]?.toLowerCase() === folded.toLowerCase() && args[0] !== header);
  if (line.name !== 'proxy_set_header' || !isOn || folded === header || isCleared) return { kind: 'told', header };
  return { kind: 'lost', code: 'header_underscore', where: line.place, detail: `${folded} passes beside ${header}` };
}

function lost(site: Site, endpoint: Endpoint, headers: ReadonlySet<string>): Telling {
  const above = endpoint.levels
    .slice(0, -1)
    .flat()
    .find((one) => carriesVerdict(one, site));
  if (above !== undefined) {
    const detail = `location ${endpoint.path} sets headers of its own and loses ${above.args[0] ?? ''}`;
    return { kind: 'lost', code: 'header_inheritance', where: endpoint.place, detail };
  }
  const detail = `${[...headers].join(', ')} is not set in location ${endpoint.path}`;
  return { kind: 'lost', code: 'header_passed', where: endpoint.place, detail };
}
