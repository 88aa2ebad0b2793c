import { broken, type Case, IDENTITY, locked, NOTHING, open, TENANTS } from '../case.ts';

const site = (...lines: readonly string[]) => `
[origin]
accept = 127.0.0.1:@TLS@
connect = 127.0.0.1:@APP@
cert = @DIR@/site.pem
key = @DIR@/site.key
sslVersionMin = TLSv1.2
${lines.join('\n')}`;
const trusting = (file: string) => `CAfile = @DIR@/${file}`;
const LOCK = [trusting('edge-ca.pem'), 'verifyChain = yes', 'requireCert = yes'] as const;
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });
const holds = (...refs: readonly string[]) => ({ live: locked(...refs), written: locked(...refs) });

/** stunnel with and without locks. */
export const STUNNEL: readonly Case[] = [
  { name: 'no lock at all', text: site(), hand: IDENTITY, ...both('NE-01') },
  {
    name: 'an authority that is named, and no verification',
    text: site(trusting('edge-ca.pem')),
    hand: IDENTITY,
    ...both('NE-17'),
  },
  {
    name: 'a certificate that is verified if there is one',
    text: site(trusting('edge-ca.pem'), 'verify = 1'),
    hand: IDENTITY,
    ...both('NE-02'),
  },
  {
    name: 'a certificate that must be there and may be anything',
    text: site(trusting('edge-ca.pem'), 'requireCert = yes'),
    hand: IDENTITY,
    live: open('NE-20'),
    written: open('NE-20'),
  },
  {
    name: 'another service without a lock',
    text: `${site(...LOCK)}
[again]
accept = 127.0.0.1:@OTHER@
connect = 127.0.0.1:@APP@
cert = @DIR@/site.pem
key = @DIR@/site.key`,
    hand: { ...IDENTITY, also: [['OTHER']] },
    ...both('NE-11'),
  },
  {
    name: 'an authority that serves several customers, of which another comes',
    text: site(...LOCK),
    hand: TENANTS,
    live: open('TT-04'),
    written: { verdict: 'locked', also: ['TT-04'] },
  },
  { name: 'the plain lock', text: site(...LOCK), hand: IDENTITY, ...holds() },
  { name: 'the plain lock, and nothing at hand', text: site(...LOCK), hand: NOTHING, ...holds() },
  {
    name: 'the plain lock, and only the public half of the identity at hand',
    text: site(...LOCK),
    hand: { ...IDENTITY, keyless: true },
    ...holds(),
  },
  {
    name: 'the lock as it was written before',
    text: site(trusting('edge-ca.pem'), 'verify = 2'),
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'a name that the certificate must have',
    text: site(...LOCK, 'checkHost = tenant-a.edge.test'),
    hand: { ...TENANTS, authority: 'edge' },
    ...holds(),
  },
  {
    name: 'a list of the very certificates that may come in',
    text: site(trusting('edge-leaf.pem'), 'verifyPeer = yes', 'requireCert = yes'),
    hand: TENANTS,
    live: locked(),
    written: { verdict: 'locked', also: ['TT-10'] },
  },
  {
    name: 'a list of revoked certificates',
    text: site(...LOCK, 'CRLfile = @DIR@/edge.crl'),
    hand: { ...IDENTITY, authority: 'edge', revoked: true },
    live: { verdict: 'locked', without: ['TT-11'] },
    written: locked(),
  },
  {
    name: 'the authority of before only',
    text: site(trusting('old-ca.pem'), 'verifyChain = yes', 'requireCert = yes'),
    hand: IDENTITY,
    live: broken('LO-03'),
    written: locked(),
  },
  {
    name: 'an authority whose file is not there',
    text: site(trusting('nowhere.pem'), 'verifyChain = yes'),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
];
