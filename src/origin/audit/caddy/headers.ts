import type { Said } from '../said.ts';
import { tellsOfCertificate } from '../telling-header.ts';
import type { HeaderOperation } from './model.ts';
import type { CaddyOutcome } from './walk.ts';

/** What a certificate says, as placeholders of either language name it. */
const OF_CERTIFICATE = /\{(?:http\.request\.tls\.client\.|tls_client_)/;

/**
 * Header fields that tell the application of a certificate, and may be the caller's own word on one of these ways. Caddy passes
 * on every field that it does not set or take away, in every spelling.
 */
export function ownWord(edgeWays: readonly CaddyOutcome[], strangers: readonly CaddyOutcome[]): readonly Said[] {
  const all = [...edgeWays, ...strangers].flatMap(({ headers }) => headers);
  const telling = new Map(all.filter(tells).map((one) => [one.field.toLowerCase(), one]));
  const handed = strangers.filter(({ reaches }) => reaches.some(isApplication));
  return [...telling].flatMap(([field, { field: written, place }]) => {
    const said = (code: Said['code'], detail: string): readonly Said[] => [{ code, where: place, detail }];
    if (handed.some(({ headers }) => !headers.some((one) => clears(one, field)))) {
      const isSet = all.some((one) => one.action === 'set' && one.field.toLowerCase() === field);
      return said(isSet ? 'header_only_on_success' : 'header_passed', written);
    }
    // RFC 3875 §4.1.18: programs behind CGI and its kin read both spellings under one name.
    const folded = field.replaceAll('-', '_');
    const passes = handed.some(({ headers }) => !headers.some((one) => clears(one, folded)));
    return folded !== field && passes
      ? said('header_underscore', `${written.replaceAll('-', '_')} passes beside ${written}`)
      : [];
  });
}

function tells({ action, field, value }: HeaderOperation): boolean {
  return action !== 'delete' && (tellsOfCertificate(field) || OF_CERTIFICATE.test(value));
}

// A fixed text and files hear nothing.
function isApplication(reached: string): boolean {
  return !reached.startsWith('text:') && !reached.startsWith('files:');
}

/** Whether an operation leaves nothing of what the caller sent under a name in lower case. */
function clears({ action, field }: HeaderOperation, wanted: string): boolean {
  const own = field.toLowerCase();
  if (action === 'set') return own === wanted;
  if (action !== 'delete') return false;
  const bare = own.replace(/^\*/, '').replace(/\*$/, '');
  if (own.startsWith('*') && own.endsWith('*')) return wanted.includes(bare);
  if (own.startsWith('*')) return wanted.endsWith(bare);
  return own.endsWith('*') ? wanted.startsWith(bare) : own === wanted;
}
