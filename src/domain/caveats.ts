import type { DnsRecord } from './record.ts';
import { pullsOverTls, type ZoneSettings } from './settings.ts';
import type { Zone } from './zone.ts';

/** Something true about a zone's settings that its owner would want to be told. Shown by the API and every screen. */
export const CAVEATS = {
  no_effect_mode_off: {
    code: 20001,
    text: 'Authenticated origin pulls have no effect because SSL mode is off: the edge pulls over plain HTTP. Set ssl to full, strict or origin_pull.',
  },
  no_effect_mode_flexible: {
    code: 20002,
    text: 'Authenticated origin pulls have no effect because SSL mode is flexible: the edge pulls over plain HTTP. Set ssl to full, strict or origin_pull.',
  },
  no_effect_no_proxied_record: {
    code: 20003,
    text: 'Authenticated origin pulls have no effect yet because no record of this zone is proxied: the edge serves none of its names.',
  },
  plain_http_pulls: {
    code: 20004,
    text: 'Visits over http:// are pulled over plain HTTP, without a client certificate. Switch always_use_https on, or set ssl to origin_pull.',
  },
  shared_identity: {
    code: 20005,
    text: 'The global level presents the identity that all zones of this installation share. Origins must trust the shared bundle at /ssl/static/authenticated_origin_pull_ca.pem, which also lets every other zone in. The zone level has an identity of its own: PUT origin_tls_client_auth/settings {"enabled": true}.',
  },
  global_overruled: {
    code: 20006,
    text: 'The global level has no effect because the zone level is on and beats it.',
  },
  unprovable: {
    code: 20007,
    text: 'The uploaded certificate came without its issuers up to the root, so the bundle of the zone cannot vouch for it. Upload it with them appended, or install them at the origin by hand.',
  },
  not_verified: {
    code: 20008,
    text: 'SSL mode full does not verify the certificate of the origin: the client certificate is shown to whoever answers there. Set ssl to strict.',
  },
  tls_floor: {
    code: 20009,
    text: 'The min_tls_version of this zone has no effect below 1.2 because the edge speaks nothing older to visitors. Set it to 1.2 or 1.3.',
  },
  compliance_plain_http: {
    code: 20010,
    text: 'The origin_tls_compliance_modes have no effect on pulls over plain HTTP because those have no key exchange: all pulls in SSL mode off or flexible, and those for http:// visits while always_use_https is off. Set ssl to origin_pull.',
  },
  http2_plain_http: {
    code: 20011,
    text: 'The origin.http2 of a record has no effect on pulls over plain HTTP because HTTP/2 is agreed on in the TLS handshake: all pulls in SSL mode off or flexible, and those for http:// visits while always_use_https is off. Set ssl to origin_pull. WebSockets go over HTTP/1.1 in any mode.',
  },
  lock_open: {
    code: 20013,
    text: 'A lock of this zone is open for a while, as somebody wished: origins that follow Postern let everybody in until then. GET …/openings says which, until when and why.',
  },
  http2_dns_only: {
    code: 20012,
    text: 'The origin.http2 of a record has no effect because the record is not proxied: the edge does not pull from there. Set proxied to true.',
  },
} as const satisfies Record<string, { readonly code: number; readonly text: string }>;

export type CaveatCode = keyof typeof CAVEATS;

/** What is worth saying about origin pulls in this zone, most important first. */
export function caveats(zone: Zone, provable: boolean): readonly CaveatCode[] {
  const { ssl, alwaysUseHttps, zonePull, globalPull } = zone.settings;
  const found: CaveatCode[] = zone.openings.size > 0 ? ['lock_open'] : [];
  if (!zonePull && !globalPull && zone.associations.size === 0) return found;
  if (ssl === 'off') return [...found, 'no_effect_mode_off'];
  if (ssl === 'flexible') return [...found, 'no_effect_mode_flexible'];
  if (![...zone.records.values()].some(({ proxied }) => proxied)) found.push('no_effect_no_proxied_record');
  if (!alwaysUseHttps && ssl !== 'origin_pull') found.push('plain_http_pulls');
  if (ssl === 'full') found.push('not_verified');
  if (globalPull) found.push(zonePull ? 'global_overruled' : 'shared_identity');
  if (!provable) found.push('unprovable');
  return found;
}

/** What is worth saying about settings that have no bearing on who may pull. */
export function settingCaveats({ settings }: Zone): readonly CaveatCode[] {
  const { minTlsVersion, compliance } = settings;
  const found: CaveatCode[] = [];
  if (minTlsVersion === '1.0' || minTlsVersion === '1.1') found.push('tls_floor');
  if (compliance !== 'none' && pullsPlainHttp(settings)) found.push('compliance_plain_http');
  return found;
}

/** What is worth saying about the way to the origin that some records of this zone ask for. */
export function recordCaveats(
  { settings }: Zone,
  records: readonly Pick<DnsRecord, 'proxied' | 'origin'>[],
): readonly CaveatCode[] {
  const http2 = records.filter(({ origin }) => origin.http2);
  const found: CaveatCode[] = [];
  if (http2.some(({ proxied }) => proxied) && pullsPlainHttp(settings)) found.push('http2_plain_http');
  if (http2.some(({ proxied }) => !proxied)) found.push('http2_dns_only');
  return found;
}

/** Whether some pulls go over plain HTTP. */
function pullsPlainHttp({ ssl, alwaysUseHttps }: ZoneSettings): boolean {
  return !pullsOverTls(ssl) || (!alwaysUseHttps && ssl !== 'origin_pull');
}
