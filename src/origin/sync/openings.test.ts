import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import { type OriginRequest, originRequirement } from '../requirement.ts';
import { openedRequest, openHostnames } from './openings.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const LATER = new Date(NOW + 60_000).toISOString();
const SITE = { zone: 'example.test', bundle: { kind: 'zone', path: '/etc/postern/a.pem' } } as const;

const REQUEST: OriginRequest = {
  sites: [
    { ...SITE, hostnames: ['www.example.test', 'shop.example.test'] },
    { ...SITE, hostnames: ['*.apps.example.test'] },
    { zone: 'other.test', bundle: { kind: 'zone', path: '/etc/postern/b.pem' }, hostnames: ['www.other.test'] },
  ],
  openNames: [{ hostname: 'blog.example.test' }],
};

function manifest(zone: string, name: string, ...openings: BundleManifest['openings']): BundleManifest {
  const times = { issued_on: LATER, expires_on: LATER };
  const said = { version: 1, sha256: '0'.repeat(64), certificates: [] };
  return { format: 'postern-bundle', zone: zone.repeat(32), zone_name: name, ...times, ...said, openings };
}

function opened(manifests: readonly BundleManifest[], at = NOW, request = REQUEST) {
  const requirement = originRequirement(request);
  assert.ok(!('code' in requirement));
  const open = openHostnames(requirement, manifests, at);
  const { sites } = openedRequest(request, requirement, open);
  return {
    open: open.map(({ hostname }) => hostname),
    sites: sites.map(({ hostnames, mode }) => `${mode ?? 'enforce'} ${hostnames.join(' ')}`),
    whole: { ...request, sites },
  };
}

const SHUT = ['enforce www.example.test shop.example.test', 'enforce *.apps.example.test', 'enforce www.other.test'];

test('only the hostname that is meant watches, and the others of its site stay locked', () => {
  const found = opened([manifest('a', 'example.test', { hostname: 'www.example.test', until: LATER })]);
  assert.deepEqual(found.sites, ['watch www.example.test', 'enforce shop.example.test', ...SHUT.slice(1)]);
  // What is taken by default for a certificate follows from the first name of a site: it must not change.
  assert.deepEqual(
    found.whole.sites.slice(0, 2).map(({ serverCert }) => serverCert),
    Array.from({ length: 2 }, () => '/etc/letsencrypt/live/www.example.test/fullchain.pem'),
  );
  assert.ok(!('code' in originRequirement(found.whole)));
});

test('a name below a wildcard is opened alone', () => {
  const found = opened([manifest('a', 'example.test', { hostname: 'one.apps.example.test', until: LATER })]);
  assert.deepEqual(found.sites, [SHUT[0], 'watch one.apps.example.test', 'enforce *.apps.example.test', SHUT[2]]);
  assert.ok(!('code' in originRequirement(found.whole)));
});

test('a name with a site of its own is opened there, and not below a wildcard of another site', () => {
  const request = {
    sites: [
      { ...SITE, hostnames: ['*.example.test'] },
      { ...SITE, hostnames: ['www.example.test'] },
    ],
  };
  const found = opened([manifest('a', 'example.test', { hostname: 'www.example.test', until: LATER })], NOW, request);
  assert.deepEqual(found.sites, ['enforce *.example.test', 'watch www.example.test']);
  assert.ok(!('code' in originRequirement(found.whole)));
});

test('an opening of more than a day was made by no control plane, and opens nothing', () => {
  const { open } = opened([
    manifest('a', 'example.test', {
      hostname: 'www.example.test',
      until: new Date(Date.parse(LATER) + 86_400_001).toISOString(),
    }),
  ]);
  assert.deepEqual(open, []);
});

test('nothing is opened past its time, by another zone, or that is not here', () => {
  const rows: readonly (readonly [readonly BundleManifest[], typeof NOW])[] = [
    [[], NOW],
    [[manifest('a', 'example.test', { hostname: 'www.example.test', until: LATER })], instant(NOW + 60_000)],
    [[manifest('b', 'other.test', { hostname: 'www.example.test', until: LATER })], NOW],
    [[manifest('a', 'example.test', { hostname: 'www.other.test', until: LATER })], NOW],
    [[manifest('a', 'example.test', { hostname: 'mail.example.test', until: LATER })], NOW],
    [[manifest('a', 'example.test', { hostname: '*.example.test', until: LATER })], NOW],
    [[manifest('a', 'example.test', { hostname: 'no hostname', until: LATER })], NOW],
  ];
  for (const [manifests, at] of rows)
    assert.deepEqual(opened(manifests, at), { open: [], sites: SHUT, whole: REQUEST });
});
