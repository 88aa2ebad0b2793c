import { type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING } from '../case.ts';

const CERT = 'cert = @DIR@/site.pem\nkey = @DIR@/site.key\nsslVersionMin = TLSv1.2';
const LOCK = 'CAfile = @DIR@/edge-ca.pem\nverifyChain = yes\nrequireCert = yes';
const service = (name: string, inside: string) => `[${name}]\nconnect = 127.0.0.1:@APP@\n${CERT}\n${inside}\n`;
const ACCEPT = 'accept = 127.0.0.1:@TLS@';

/** Further ways in which stunnel is locked, or is not. */
export const FURTHER_STUNNEL: readonly Case[] = [
  {
    name: 'a service for another name that has no lock',
    text: `${service('origin', `${ACCEPT}\n${LOCK}`)}${service('other', 'sni = origin:b.test')}`,
    hand: NEIGHBOUR_NAME,
    live: { verdict: 'open', refs: ['NE-08'], also: ['NE-07', 'NE-13'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-08', 'NE-07', 'NE-01', 'NE-11'] },
  },
  {
    name: 'a lock for one name, and none for all others',
    text: `${service('origin', ACCEPT)}${service('locked', `sni = origin:a.test\n${LOCK}`)}`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-08', 'NE-07', 'NE-27', 'NE-13'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-08', 'NE-07', 'NE-27', 'NE-01'] },
  },
  {
    name: 'a name that the certificate must have, and nobody verifies it',
    text: service('origin', `${ACCEPT}\nCAfile = @DIR@/edge-ca.pem\nrequireCert = yes\ncheckHost = tenant-a.edge.test`),
    hand: IDENTITY,
    // It does not start so.
    live: null,
    written: { verdict: ['open', 'broken', 'unknown'], also: ['NE-20', 'NE-03'] },
  },
  {
    name: 'verification by the number that verifies nothing',
    text: service('origin', `${ACCEPT}\nCAfile = @DIR@/edge-ca.pem\nverify = 0`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-01', 'NE-03', 'NE-02', 'NE-17'] },
    written: { verdict: 'open', also: ['NE-01', 'NE-03', 'NE-02', 'NE-17'] },
  },
  {
    name: 'the plain lock again, and nothing at hand',
    text: service('origin', `${ACCEPT}\n${LOCK}`),
    hand: NOTHING,
    live: locked(),
    written: locked(),
  },
];
