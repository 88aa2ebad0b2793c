import { count, type Fields, get, list } from './fields.ts';

/**
 * Fields that speak about one connection (RFC 9110 §7.6.1) and are never sent on. Proxy-Authenticate and
 * Proxy-Authorization are among them: a gateway consumes them, and the credential is not meant for an origin.
 * HTTP2-Settings belongs to an upgrade that is not passed on. Trailer is not here: it announces what is sent on with the
 * body, so whoever drops trailers drops it too.
 */
const CONNECTION_BOUND: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Names that Connection cannot take away: RFC 9110 §7.6.1 forbids senders to name a field meant for all recipients. Obeying
 * them anyway would let a visitor strip what somebody in front has added or what frames and routes the message.
 */
const END_TO_END: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'client-cert',
  'client-cert-chain',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'origin',
  'range',
  'set-cookie',
  'trailer',
  'true-client-ip',
  'vary',
  'via',
]);
const END_TO_END_PREFIX = /^(?:access-control-|cf-|if-|sec-|x-forwarded-|x-real-)/;

const USUAL: ReadonlySet<string> = new Set(['keep-alive', 'Keep-Alive', 'close']);

function mayBeNamed(name: string): boolean {
  return !END_TO_END.has(name) && !END_TO_END_PREFIX.test(name);
}

/**
 * Lower-case names of the fields that end at this hop. Apply it to what arrived, *before* adding fields of one's own: then
 * a Connection field can only ever remove what its own sender sent.
 */
export function hopByHop(fields: Fields): ReadonlySet<string> {
  const connection = get(fields, 'connection');
  // What nearly every message says, and nothing else needs to be looked for.
  if (connection === undefined || USUAL.has(connection)) {
    if (connection === undefined || count(fields, 'connection') === 1) return CONNECTION_BOUND;
  }
  const named = list(fields, 'connection').filter((name) => !CONNECTION_BOUND.has(name) && mayBeNamed(name));
  const more = named.filter((name) => name !== 'close');
  return more.length === 0 ? CONNECTION_BOUND : new Set([...CONNECTION_BOUND, ...more]);
}
