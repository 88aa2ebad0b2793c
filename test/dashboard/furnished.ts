import { serverAuthority } from '../scenarios/authorities.ts';
import type { Postern } from '../scenarios/postern.ts';
import { startRotation } from '../scenarios/four-origins.ts';
import { addRecord, lockedSite, type Site, visit } from '../scenarios/site.ts';
import { uploads } from './bad-certificates.ts';

/** An installation in which every page has something to show, with names as long as real ones are. */
export interface Furnished extends Site {
  /** Id of a rotation that waits for its origin. */
  readonly rotation: string;
}

const LONG = 'a-service-with-a-name-that-is-as-long-as-names-of-services-are';
const RIGHTS = ['zone:read', 'dns:read', 'ssl:edit', 'firewall:edit', 'audit:read', 'notices:edit'];

/** Fills it, by calls of the API and by visits. */
export async function furnish(postern: Postern): Promise<Furnished> {
  const site = await lockedSite('nginx', postern, { name: 'furnished.test', authority: await serverAuthority() });
  const { zone, host } = site;
  await postern.call('POST', `/postern/v1/zones/${zone}/attestations`, {});
  for (let time = 0; time < 3; time++) await visit(postern, host);
  await addRecord(postern, zone, { name: LONG, comment: 'one of many', origin: { https_port: 1 } });
  await addRecord(postern, zone, { name: 'old', proxied: false });
  await certificates(postern, zone, host);
  await protection(postern, zone);
  await postern.call('POST', '/postern/v1/tokens', {
    name: 'terraform in CI',
    permissions: RIGHTS,
    zones: ['furnished.test'],
  });
  await channel(postern);
  const { id } = await startRotation(postern, zone, { what: 'root', reason: 'the yearly one' });
  return { ...site, rotation: id };
}

async function certificates(postern: Postern, zone: string, host: string): Promise<void> {
  const pull = await uploads('pullLeaf', 'signed by the house', []);
  const server = await uploads('serverLeaf', host, [host, 'shop.furnished.test']);
  await postern.call('POST', `/zones/${zone}/origin_tls_client_auth/hostnames/certificates`, pull.good);
  await postern.call('POST', `/zones/${zone}/custom_certificates`, server.good);
  await postern.call('POST', `/postern/v1/zones/${zone}/certificate_requests`, {
    level: 'hostname',
    hostnames: [host],
  });
}

async function protection(postern: Postern, zone: string): Promise<void> {
  const rules = `/zones/${zone}/firewall/access_rules/rules`;
  const network = { target: 'ip_range', value: '192.0.2.0/24' };
  await postern.call('POST', rules, { mode: 'block', configuration: network, notes: 'Scanners of last week' });
  const limit = {
    match: { request: { methods: ['POST'], url: '*.furnished.test/login*' } },
    threshold: 5,
    period: 60,
    action: { mode: 'ban', timeout: 600 },
  };
  await postern.call('POST', `/zones/${zone}/rate_limits`, limit);
}

async function channel(postern: Postern): Promise<void> {
  const body = {
    name: 'The duty phone',
    kind: 'webhook',
    url: 'http://127.0.0.1:1/hooks/postern',
    severity: 'warning',
  };
  const { result } = await postern.call<{ id: string }>('POST', '/postern/v1/notice_channels', body);
  await postern.call('PUT', '/postern/v1/edges/addresses', { networks: ['192.0.2.0/24', '2001:db8:1234::/48'] });
  await postern.call('POST', `/postern/v1/notice_channels/${result.id}/test`);
}
