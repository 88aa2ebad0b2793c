/**
 * The field names that nearly every message consists of, in the two spellings that nearly every sender uses. A name met
 * here costs no new string and no case folding. The table is fixed, so nobody can fill it from outside.
 */

/** What a name means to this layer: positions in `FieldSection.first`; `NO_ROLE` for all others. */
export const HOST = 0;
export const CONTENT_LENGTH = 1;
export const TRANSFER_ENCODING = 2;
export const CONNECTION = 3;
export const EXPECT = 4;
export const UPGRADE = 5;
export const NO_ROLE = 6;

const ROLES: ReadonlyMap<string, number> = new Map([
  ['host', HOST],
  ['content-length', CONTENT_LENGTH],
  ['transfer-encoding', TRANSFER_ENCODING],
  ['connection', CONNECTION],
  ['expect', EXPECT],
  ['upgrade', UPGRADE],
]);

export interface FieldName {
  readonly raw: string;
  readonly lower: string;
  readonly role: number;
}

const COMMON = `
Accept Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers
Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers Access-Control-Max-Age
Access-Control-Request-Headers Access-Control-Request-Method Age Allow Alt-Svc Authorization Cache-Control Connection
Content-Disposition Content-Encoding Content-Language Content-Length Content-Location Content-Range
Content-Security-Policy Content-Type Cookie Date DNT ETag Expect Expires Forwarded From Host If-Match If-Modified-Since
If-None-Match If-Range If-Unmodified-Since Keep-Alive Last-Modified Link Location Origin Pragma Priority
Proxy-Authorization Proxy-Connection Range Referer Referrer-Policy Retry-After Sec-CH-UA Sec-CH-UA-Mobile
Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-WebSocket-Accept
Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Server Set-Cookie
Strict-Transport-Security TE Trailer Transfer-Encoding Upgrade Upgrade-Insecure-Requests User-Agent Vary Via
WWW-Authenticate X-Content-Type-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Frame-Options X-Powered-By
X-Real-IP X-Request-ID X-Requested-With X-XSS-Protection
`;

const SLOTS = 1024;

/** Length and three letters tell the names above well enough apart that a slot rarely holds more than one. */
function slotOf(text: string, start: number, end: number): number {
  const length = end - start;
  const first = text.charCodeAt(start) | 0x20;
  const middle = text.charCodeAt(start + (length >> 1)) | 0x20;
  const last = text.charCodeAt(end - 1) | 0x20;
  return (length * 73 + first * 31 + middle * 7 + last * 131) & (SLOTS - 1);
}

const TABLE: readonly (readonly FieldName[])[] = (() => {
  const slots: FieldName[][] = Array.from({ length: SLOTS }, () => []);
  for (const raw of COMMON.trim().split(/\s+/)) {
    const lower = raw.toLowerCase();
    const role = ROLES.get(lower) ?? NO_ROLE;
    slots[slotOf(raw, 0, raw.length)]?.push({ raw, lower, role }, { raw: lower, lower, role });
  }
  return slots;
})();

/** The field name at `start`..`end` of `text`, which is not empty. */
export function fieldName(text: string, start: number, end: number): FieldName {
  const slot = TABLE[slotOf(text, start, end)] ?? [];
  for (let i = 0; i < slot.length; i++) {
    const known = slot[i];
    if (known !== undefined && known.raw.length === end - start && text.startsWith(known.raw, start)) return known;
  }
  const raw = text.slice(start, end);
  const lower = raw.toLowerCase();
  return { raw, lower, role: ROLES.get(lower) ?? NO_ROLE };
}
