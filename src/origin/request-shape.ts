import type { OriginRequest } from './requirement.ts';
import type { OpenNameRequest, SiteRequest } from './site.ts';

type Shape<T> = { readonly [Field in keyof Required<T>]: (value: unknown) => boolean };

/**
 * Whether a value that came from a file has the shape of a request, no more: what its texts say is checked where a
 * requirement is made of it. A field that nobody knows is refused: it would be left out of what is made anew.
 */
export function isOriginRequest(value: unknown): value is OriginRequest {
  return fits(value, REQUEST);
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= 65_536;
const orNone = (fit: (value: unknown) => boolean) => (value: unknown) => value === undefined || fit(value);
const listOf = (fit: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length <= 1_000 && value.every(fit);
const oneOf =
  (...words: readonly string[]) =>
  (value: unknown) =>
    typeof value === 'string' && words.includes(value);

const CONTENT = {
  upstream: orNone(isText),
  root: orNone(isText),
  serverCert: orNone(isText),
  serverKey: orNone(isText),
};

const BUNDLE: Shape<SiteRequest['bundle']> = {
  kind: oneOf('zone', 'shared'),
  path: isText,
  pins: orNone(listOf(isText)),
};

const SITE: Shape<SiteRequest> = {
  ...CONTENT,
  zone: isText,
  hostnames: listOf(isText),
  bundle: (value) => fits(value, BUNDLE),
  crl: orNone(isText),
  mode: orNone(oneOf('enforce', 'watch')),
  verifiedHeader: orNone(isText),
  alsoTrust: orNone(isText),
  alsoTrustCrl: orNone(isText),
};

const OPEN_NAME: Shape<OpenNameRequest> = { ...CONTENT, hostname: isText };

const REQUEST: Shape<OriginRequest> = {
  serverCert: orNone(isText),
  serverKey: orNone(isText),
  sites: listOf((value) => fits(value, SITE)),
  openNames: orNone(listOf((value) => fits(value, OPEN_NAME))),
  listen: orNone(listOf(isText)),
  alsoListen: orNone(listOf(isText)),
  listenHttp: orNone((value) => value === 'off' || listOf(isText)(value)),
  serverVersion: orNone(isText),
  form: orNone(oneOf('complete', 'fragment')),
  runtimeDirectory: orNone(isText),
};

function fits(value: unknown, shape: Readonly<Record<string, (value: unknown) => boolean>>): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  if ([...fields.keys()].some((name) => !Object.hasOwn(shape, name))) return false;
  return Object.entries(shape).every(([name, fit]) => fit(fields.get(name)));
}
