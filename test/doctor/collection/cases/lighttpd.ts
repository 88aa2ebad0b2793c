import { broken, type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open, TENANTS } from '../case.ts';

const PROXY = 'proxy.server = ("" => (("host" => "127.0.0.1", "port" => @APP@)))';
const BLOG = 'proxy.server = ("" => (("host" => "127.0.0.1", "port" => @BLOG@)))';
const site = (inside: string, more = '') => `
server.port = @TLS@
server.bind = "127.0.0.1"
ssl.engine = "enable"
ssl.pemfile = "@DIR@/site.pem"
ssl.privkey = "@DIR@/site.key"
ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2", "Options" => "-SessionTicket")
${inside}
${more === '' ? PROXY : more}`;
const asked = (ca: string, depth = 1) => `ssl.verifyclient.activate = "enable"
ssl.verifyclient.enforce = "enable"
ssl.verifyclient.depth = ${depth}
ssl.verifyclient.ca-file = "@DIR@/${ca}"`;
const LOCK = asked('edge-ca.pem');
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });
const holds = (...refs: readonly string[]) => ({ live: locked(...refs), written: locked(...refs) });

/** lighttpd with and without locks. */
export const LIGHTTPD: readonly Case[] = [
  { name: 'no lock at all', text: site(''), hand: IDENTITY, ...both('NE-01') },
  {
    name: 'verification that is enforced and not activated',
    text: site('ssl.verifyclient.enforce = "enable"\nssl.verifyclient.ca-file = "@DIR@/edge-ca.pem"'),
    hand: IDENTITY,
    ...both('NE-17'),
  },
  {
    name: 'verification that is activated and not enforced',
    text: site(
      'ssl.verifyclient.activate = "enable"\nssl.verifyclient.enforce = "disable"\nssl.verifyclient.ca-file = "@DIR@/edge-ca.pem"',
    ),
    hand: IDENTITY,
    ...both('NE-03'),
  },
  {
    name: 'a lock for one Host, which the handshake does not know',
    text: site(
      'ssl.verifyclient.activate = "disable"',
      `$HTTP["host"] == "a.test" {
  ${LOCK}
  ${PROXY}
}
$HTTP["host"] == "b.test" { ${BLOG} }`,
    ),
    hand: NEIGHBOUR_NAME,
    live: { verdict: 'open', refs: ['NE-08'], also: ['NE-21', 'NE-13'] },
    written: { verdict: 'open', refs: ['NE-08'] },
  },
  {
    name: 'plain HTTP with the application',
    text: `${site(LOCK)}
$SERVER["socket"] == "127.0.0.1:@HTTP@" { ssl.engine = "disable" }`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...both('NE-10'),
  },
  {
    name: 'an authority that serves several customers, of which another comes',
    text: site(LOCK),
    hand: TENANTS,
    live: open('TT-04'),
    written: { verdict: 'locked', also: ['TT-04'] },
  },
  { name: 'the plain lock', text: site(LOCK), hand: IDENTITY, ...holds() },
  { name: 'the plain lock, and nothing at hand', text: site(LOCK), hand: NOTHING, ...holds() },
  {
    name: 'a lock with a list of revoked certificates',
    text: site(`${LOCK}\nssl.ca-crl-file = "@DIR@/edge.crl"`),
    hand: { ...IDENTITY, authority: 'edge', revoked: true },
    live: { verdict: 'locked', without: ['TT-11'] },
    written: locked(),
  },
  {
    name: 'plain HTTP that only redirects',
    text: `${site(LOCK)}
$SERVER["socket"] == "127.0.0.1:@HTTP@" {
  ssl.engine = "disable"
  url.redirect = ("" => "https://a.test\${url.path}\${qsa}")
}`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...holds(),
  },
  {
    name: 'files of a directory',
    text: site(LOCK, 'index-file.names = ("index.html")\nmimetype.assign = (".html" => "text/html")'),
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: "a server's certificate without the one that issued it",
    text: site(LOCK).replace('/site.pem"', '/site-leaf.pem"'),
    hand: IDENTITY,
    live: broken('LO-13'),
    written: { verdict: 'broken', refs: ['LO-13'] },
  },
  {
    name: 'a chain that is longer than is allowed',
    text: site(asked('edge-ca.pem', 0)),
    hand: { identity: 'via-intermediate' },
    live: broken('TT-08'),
    written: broken('TT-08'),
  },
  {
    name: 'the authority of before only',
    text: site(asked('old-ca.pem')),
    hand: IDENTITY,
    live: broken('LO-03'),
    written: locked(),
  },
  {
    name: 'an authority whose file is not there',
    text: site(asked('nowhere.pem')),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
];
