import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Failure } from './failure.ts';
import { formatHostPort, type HostPort, isLoopback, parseHostPort } from './host-port.ts';
import { isOn } from './on-off.ts';
import type { ServeOptions } from './serve.ts';
import type { SettingNames } from './settings.ts';

/** Settings of `postern up` about who may ask the control plane, and how. */
const NAMES = {
  api: { flag: 'api', env: 'POSTERN_API_LISTEN', key: 'api' },
  cert: { flag: 'apiCert', env: 'POSTERN_API_CERT', key: 'api_cert' },
  key: { flag: 'apiKey', env: 'POSTERN_API_KEY', key: 'api_key' },
  host: { flag: 'apiHost', env: 'POSTERN_API_HOST', key: 'api_host' },
  public: { flag: 'public', env: 'POSTERN_PUBLIC', key: 'public' },
  publicUrl: { flag: 'publicUrl', env: 'POSTERN_PUBLIC_URL', key: 'public_url' },
  legacy: { flag: 'legacyKey', env: 'POSTERN_LEGACY_KEY', key: 'legacy_key' },
  session: { flag: 'sessionHours', env: 'POSTERN_SESSION_HOURS', key: 'session_hours' },
  tokenLimit: { flag: 'apiRateLimit', env: 'POSTERN_API_RATE_LIMIT', key: 'api_rate_limit' },
  addressLimit: { flag: 'apiAddressRateLimit', env: 'POSTERN_API_ADDRESS_RATE_LIMIT', key: 'api_address_rate_limit' },
} as const satisfies Record<string, SettingNames>;

const DEFAULTS = { api: '127.0.0.1:8400', sessionHours: '12', tokenLimit: '1200/300', addressLimit: '200/1' };

/** The part of the options that is decided here. */
export type ApiSettings = Required<
  Pick<
    ServeOptions,
    'api' | 'apiHosts' | 'apiCertificate' | 'public' | 'publicUrl' | 'legacyKeys' | 'sessionHours' | 'rateLimits'
  >
>;
type RateLimit = Exclude<ApiSettings['rateLimits']['token'], undefined>;

/** Adds the flags. */
export function withApiFlags(command: Command): Command {
  return command
    .option('--api <host:port>', `where the API listens (default: ${DEFAULTS.api})`)
    .option('--api-cert <file>', 'certificate of the API with its intermediates: it speaks TLS')
    .option('--api-key <file>', 'its key')
    .option('--api-host <name>', 'another name by which callers may reach the API')
    .option(
      '--public <host:port>',
      'where origins fetch bundles and revocation lists, nothing else, or off (default: off)',
    )
    .option('--public-url <url>', 'http://HOST of --public, to be named in new certificates for lists and OCSP')
    .option('--legacy-key', 'accept e-mail and key in place of a token')
    .option('--session-hours <n>', `how long a sign-in by cookie lasts (default: ${DEFAULTS.sessionHours})`)
    .option('--api-rate-limit <n/s>', `requests a token may make, or off (default: ${DEFAULTS.tokenLimit})`)
    .option('--api-address-rate-limit <n/s>', `the same for an address (default: ${DEFAULTS.addressLimit})`);
}

/** Reads them. Throws a Failure for what cannot be meant, or would be unsafe. */
export function apiSettings(read: (names: SettingNames) => string | undefined): ApiSettings {
  const api = parseHostPort(read(NAMES.api) ?? DEFAULTS.api, '--api');
  const apiCertificate = certificateFiles(read(NAMES.cert), read(NAMES.key));
  if (!isLoopback(api) && apiCertificate === null) throw clearText(api);
  const open = read(NAMES.public) ?? 'off';
  return {
    api,
    apiHosts: (read(NAMES.host) ?? '').split(',').filter((name) => name !== ''),
    apiCertificate,
    public: open === 'off' ? null : parseHostPort(open, '--public'),
    publicUrl: publicUrl(read(NAMES.publicUrl)),
    legacyKeys: isOn(read(NAMES.legacy) ?? 'off', '--legacy-key'),
    sessionHours: sessionHours(read(NAMES.session) ?? DEFAULTS.sessionHours),
    rateLimits: {
      token: rateLimit(read(NAMES.tokenLimit) ?? DEFAULTS.tokenLimit, '--api-rate-limit'),
      address: rateLimit(read(NAMES.addressLimit) ?? DEFAULTS.addressLimit, '--api-address-rate-limit'),
    },
  };
}

// RFC 5280 §8: not https, or whoever checks a certificate may have to check another one for it first.
function publicUrl(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isBare = url?.protocol === 'http:' && url.pathname === '/' && url.search + url.hash + url.username === '';
  if (url !== null && isBare) return url.origin;
  throw new Failure(
    `--public-url is ${JSON.stringify(text)}, which is not http://HOST or http://HOST:PORT.`,
    'Name the address by which others reach --public, without a path. Lists and OCSP are signed, so they need no TLS.',
  );
}

function certificateFiles(certificate: string | undefined, key: string | undefined): ApiSettings['apiCertificate'] {
  if (certificate === undefined && key === undefined) return null;
  if (certificate !== undefined && key !== undefined) return { certificate: resolve(certificate), key: resolve(key) };
  const [given, missing] = key === undefined ? ['--api-cert', '--api-key'] : ['--api-key', '--api-cert'];
  throw new Failure(`${given} is given without ${missing}.`, `Add ${missing} FILE, or leave both out.`);
}

function clearText(api: HostPort): Failure {
  return new Failure(
    `--api ${formatHostPort(api)} would carry tokens in clear text over the network.`,
    'Add --api-cert FILE and --api-key FILE, or listen on 127.0.0.1 or [::1].',
  );
}

/** A week: whoever has not shown the token for so long shows it again. */
const MOST_HOURS = 168;

function sessionHours(text: string): number {
  const hours = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (hours >= 1 && hours <= MOST_HOURS) return hours;
  throw new Failure(
    `--session-hours is ${JSON.stringify(text)}, which is not a number of hours.`,
    `Write a whole number from 1 to ${MOST_HOURS}.`,
  );
}

const MOST_REQUESTS = 1_000_000;
const LONGEST_WINDOW = 86_400;

function rateLimit(text: string, flag: string): RateLimit {
  if (text === 'off') return null;
  const [, quota = 0, window = 0] = (/^(\d{1,7})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  const fits = quota >= 1 && quota <= MOST_REQUESTS && window >= 1 && window <= LONGEST_WINDOW;
  if (fits) return { quota, window };
  throw new Failure(
    `${flag} is ${JSON.stringify(text)}, which is not REQUESTS/SECONDS.`,
    `Write it like ${DEFAULTS.tokenLimit} (at most ${MOST_REQUESTS} in at most ${LONGEST_WINDOW} s), or off.`,
  );
}
