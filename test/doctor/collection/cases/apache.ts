import { broken, type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open, TENANTS } from '../case.ts';

const PROXY = 'ProxyPass / http://127.0.0.1:@APP@/';
const BLOG = 'ProxyPass / http://127.0.0.1:@BLOG@/';
const TLS = 'SSLEngine on\n  SSLCertificateFile site.pem\n  SSLCertificateKeyFile site.key';
const LOCK = 'SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require\n  SSLVerifyDepth 1';
const host = (name: string, inside: string, port = '@TLS@', address = '*') => `
<VirtualHost ${address}:${port}>
  ServerName ${name}
  ${inside}
</VirtualHost>`;
const site = (inside: string) => `Listen 127.0.0.1:@TLS@${host('a.test', `${TLS}\n  ${inside}`)}`;
const DENIED = host('nobody.invalid', `${TLS}\n  ${LOCK}\n  <Location "/">\n    Require all denied\n  </Location>`);
const guarded = (inside: string) => `Listen 127.0.0.1:@TLS@${DENIED}${host('a.test', `${TLS}\n  ${inside}`)}`;
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });
const holds = (...refs: readonly string[]) => ({ live: locked(...refs), written: locked(...refs) });

/** Locks of Apache that let somebody in who should stay outside. */
export const APACHE_OPEN: readonly Case[] = [
  { name: 'no lock at all', text: site(PROXY), hand: IDENTITY, ...both('NE-01') },
  {
    name: 'an authority that is named, and no verification',
    text: site(`SSLCACertificateFile edge-ca.pem\n  ${PROXY}`),
    hand: IDENTITY,
    live: open('NE-01'),
    written: { verdict: 'open', also: ['NE-01', 'NE-17'] },
  },
  {
    name: 'a certificate that is optional',
    text: site(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional\n  ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-02'),
  },
  {
    name: 'a certificate that is optional, and nothing at hand',
    text: site(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional\n  ${PROXY}`),
    hand: NOTHING,
    ...both('NE-02'),
  },
  {
    name: 'a certificate that is optional and not verified',
    text: site(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional_no_ca\n  ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-03'),
  },
  {
    name: 'an address or a certificate',
    text: site(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  <Location "/">
    <RequireAny>
      Require ip 127.0.0.0/8
      Require ssl-verify-client
    </RequireAny>
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-22'),
  },
  {
    name: 'the words of before for the same: Satisfy any',
    text: site(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  <Location "/">
    Order deny,allow
    Deny from all
    Allow from 127.0.0.0/8
    Satisfy any
    Require ssl-verify-client
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: open('NE-22'),
    written: { verdict: 'open', also: ['NE-22', 'NE-02'] },
  },
  {
    name: 'the first virtual host has the same application',
    text: `Listen 127.0.0.1:@TLS@${host('first.test', `${TLS}\n  ${PROXY}`)}${host('a.test', `${TLS}\n  ${LOCK}\n  ${PROXY}`)}`,
    hand: IDENTITY,
    ...both('NE-07'),
  },
  {
    name: 'another name with the same application',
    text: `Listen 127.0.0.1:@TLS@${DENIED}${host('b.test', `${TLS}\n  ${PROXY}`)}${host('a.test', `${TLS}\n  ${LOCK}\n  ${PROXY}`)}`,
    hand: NEIGHBOUR_NAME,
    ...both('NE-07'),
  },
  {
    name: 'the authority of partners in the handshake of another name',
    text: `SSLVHostSNIPolicy insecure\nListen 127.0.0.1:@TLS@${host('b.test', `${TLS}\n  SSLCACertificateFile partner-ca.pem\n  SSLVerifyClient require\n  ${BLOG}`)}${host('a.test', `${TLS}\n  ${LOCK}\n  ${PROXY}`)}`,
    hand: { ...NEIGHBOUR_NAME, foreign: ['partner'] },
    live: { verdict: 'open', refs: ['NE-08'], also: ['NE-09'] },
    written: { verdict: 'open', refs: ['NE-08'], also: ['NE-09'] },
  },
  {
    name: 'plain HTTP with the application',
    text: `Listen 127.0.0.1:@HTTP@${guarded(`${LOCK}\n  ${PROXY}`).replace('Listen', '\nListen')}${host('a.test', PROXY, '@HTTP@')}`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...both('NE-10'),
  },
  {
    name: 'another port without a lock',
    text: `Listen 127.0.0.1:@OTHER@\n${guarded(`${LOCK}\n  ${PROXY}`)}${host('a.test', `${TLS}\n  ${PROXY}`, '@OTHER@')}`,
    hand: { ...IDENTITY, also: [['OTHER']] },
    ...both('NE-11'),
  },
  {
    name: 'a certificate that is asked for in one place only',
    text: site(
      `SSLCACertificateFile edge-ca.pem\n  <Location "/admin">\n    SSLVerifyClient require\n  </Location>\n  ${PROXY}`,
    ),
    hand: IDENTITY,
    live: open('NE-01'),
    written: { verdict: 'open', refs: ['NE-16'], also: ['NE-05', 'NE-01'] },
  },
  {
    name: 'a header that the caller may send itself',
    text: guarded(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional\n  ${PROXY}`),
    hand: { header: 'X-Edge-Verified' },
    application: 'believing',
    live: open('HT-01'),
    written: { verdict: 'open', also: ['NE-02', 'HT-01'] },
  },
  {
    name: 'a header that is set only where there is none',
    text: guarded(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  RequestHeader setifempty X-Edge-Verified "%{SSL_CLIENT_VERIFY}s"\n  ${PROXY}`),
    hand: { header: 'X-Edge-Verified' },
    application: 'believing',
    live: open('HT-01'),
    written: { verdict: 'open', also: ['NE-02', 'HT-01', 'HT-04'] },
  },
  {
    name: 'an authority that serves several customers, of which another comes',
    text: guarded(`${LOCK}\n  ${PROXY}`),
    hand: TENANTS,
    live: open('TT-04'),
    written: { verdict: 'locked', also: ['TT-04'] },
  },
  {
    name: 'a name that is compared with a pattern that has no end',
    text: guarded(`${LOCK}\n  <Location "/">
    Require expr "%{SSL_CLIENT_S_DN_CN} =~ m#tenant-a.edge.test#"
  </Location>\n  ${PROXY}`),
    hand: { ...IDENTITY, foreign: ['tenant-a-evil'] },
    live: open('TT-05'),
    written: { verdict: 'locked', refs: ['TT-05'] },
  },
  {
    name: 'an error document that is the application',
    text: guarded(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  <Location "/">
    Require ssl-verify-client
  </Location>
  <Location "/all">
    Require all granted
  </Location>
  ErrorDocument 403 /all
  ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-06'),
  },
];

/** Locks of Apache that hold, or keep too many out. */
export const APACHE_LOCKED: readonly Case[] = [
  {
    name: 'everything that a lock should have',
    text: `SSLVHostSNIPolicy strict
SSLStrictSNIVHostCheck on
SSLSessionTickets off
SSLSessionCache none
Listen 127.0.0.1:@HTTP@
${guarded(`${LOCK}
  SSLCARevocationFile edge.crl
  SSLCARevocationCheck leaf
  <Location "/">
    Require expr "%{SSL_CLIENT_SAN_DNS_0} == 'tenant-a.edge.test'"
  </Location>
  RequestHeader set X-Edge-Verified "%{SSL_CLIENT_VERIFY}s"
  ${PROXY}`)}${host('a.test', 'Redirect permanent "/" "https://a.test/"', '@HTTP@')}`,
    hand: { ...TENANTS, authority: 'edge', revoked: true, header: 'X-Edge-Verified', also: [['HTTP']] },
    ...holds(),
  },
  { name: 'the plain lock', text: guarded(`${LOCK}\n  ${PROXY}`), hand: IDENTITY, ...holds() },
  { name: 'the plain lock, and nothing at hand', text: guarded(`${LOCK}\n  ${PROXY}`), hand: NOTHING, ...holds() },
  {
    name: 'the plain lock, and only the public half of the identity at hand',
    text: guarded(`${LOCK}\n  ${PROXY}`),
    hand: { ...IDENTITY, keyless: true },
    ...holds(),
  },
  {
    name: 'a lock for the whole server',
    text: `${LOCK}\n${site(PROXY)}${host('b.test', `${TLS}\n  ${BLOG}`)}`,
    hand: NEIGHBOUR_NAME,
    ...holds(),
  },
  {
    name: 'an option that a rule makes a duty',
    text: guarded(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  <Location "/">
    Require ssl-verify-client
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'names in handshake and Host that must agree, beside an open site',
    text: `Listen 127.0.0.1:@TLS@${host('b.test', `${TLS}\n  ${BLOG}`)}${host('a.test', `${TLS}\n  ${LOCK}\n  ${PROXY}`)}`,
    hand: NEIGHBOUR_NAME,
    ...holds(),
  },
  {
    name: 'a list of revoked certificates that is looked at',
    text: guarded(`${LOCK}\n  SSLCARevocationFile edge.crl\n  SSLCARevocationCheck leaf\n  ${PROXY}`),
    hand: { ...IDENTITY, authority: 'edge', revoked: true },
    live: { verdict: 'locked', without: ['TT-11'] },
    written: locked(),
  },
  {
    name: 'a list of revoked certificates that nobody looks at',
    text: guarded(`${LOCK}\n  SSLCARevocationFile edge.crl\n  ${PROXY}`),
    hand: { ...IDENTITY, authority: 'edge', revoked: true },
    live: locked('TT-11'),
    written: locked('TT-12'),
  },
  {
    name: 'a chain with an intermediate, and room for it',
    text: guarded(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require\n  SSLVerifyDepth 2\n  ${PROXY}`),
    hand: { identity: 'via-intermediate' },
    ...holds(),
  },
  {
    name: 'another authority in the chain of the server',
    text: guarded(`${LOCK}\n  SSLCertificateChainFile partner-ca.pem\n  ${PROXY}`),
    hand: { ...IDENTITY, foreign: ['partner'] },
    ...holds(),
  },
  {
    name: 'names of authorities that are not the one in use',
    text: guarded(`${LOCK}\n  SSLCADNRequestFile partner-ca.pem\n  ${PROXY}`).replaceAll(
      'SSLVerifyDepth 1\n  <',
      'SSLVerifyDepth 1\n  SSLCADNRequestFile partner-ca.pem\n  <',
    ),
    hand: IDENTITY,
    live: locked('LO-12'),
    written: { verdict: 'locked', also: ['LO-12'] },
  },
  {
    name: 'a policy that lets the names in handshake and Host differ, and nobody asked under the other',
    text: `SSLVHostSNIPolicy insecure\nListen 127.0.0.1:@TLS@${host('b.test', `${TLS}\n  ${BLOG}`)}${host('a.test', `${TLS}\n  ${LOCK}\n  ${PROXY}`)}`,
    hand: NEIGHBOUR_NAME,
    // Apache then asks anew for a certificate, which no edge can give in TLS 1.3.
    live: locked(),
    written: { verdict: ['locked', 'open', 'unknown'], also: ['NE-08'] },
  },
  {
    name: 'sites from a macro',
    text: `<Macro Site $name $back>
<VirtualHost *:@TLS@>
  ServerName $name
  ${TLS}
  ${LOCK}
  ProxyPass / http://127.0.0.1:$back/
</VirtualHost>
</Macro>
Listen 127.0.0.1:@TLS@
Use Site a.test @APP@
Use Site b.test @BLOG@
UndefMacro Site`,
    hand: NEIGHBOUR_NAME,
    ...holds(),
  },
  {
    name: 'rewriting that forbids callers without a certificate',
    text: guarded(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  RewriteEngine on
  RewriteCond %{SSL:SSL_CLIENT_VERIFY} !=SUCCESS
  RewriteRule ^ - [F]
  ${PROXY}`),
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'a certificate that is asked for after the handshake, for everything',
    text: site(
      `SSLCACertificateFile edge-ca.pem\n  <Location "/">\n    SSLVerifyClient require\n  </Location>\n  ${PROXY}`,
    ),
    hand: IDENTITY,
    live: broken('NE-16'),
    written: { verdict: 'broken', refs: ['NE-16'], also: ['NE-05'] },
  },
  {
    name: 'a chain with an intermediate, and no room for it',
    text: guarded(`${LOCK}\n  ${PROXY}`),
    hand: { identity: 'via-intermediate' },
    live: broken('TT-08'),
    written: locked(),
  },
  {
    name: 'the authority of before only',
    text: guarded(`SSLCACertificateFile old-ca.pem\n  SSLVerifyClient require\n  ${PROXY}`),
    hand: IDENTITY,
    live: broken('LO-03'),
    written: locked(),
  },
  {
    name: 'the authority of before only, seen with the public half of the identity',
    text: guarded(`SSLCACertificateFile old-ca.pem\n  SSLVerifyClient require\n  ${PROXY}`),
    hand: { ...IDENTITY, keyless: true },
    live: broken('LO-03'),
    written: locked(),
  },
  {
    name: 'an edge that does not send its intermediate',
    text: guarded(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require\n  SSLVerifyDepth 2\n  ${PROXY}`),
    hand: { identity: 'chainless' },
    live: broken('TT-09'),
    written: locked(),
  },
  {
    name: 'verification without any authority',
    text: guarded(`SSLVerifyClient require\n  ${PROXY}`),
    hand: IDENTITY,
    live: broken('LO-01'),
    written: { verdict: 'broken', refs: ['LO-01'] },
  },
  {
    name: 'an authority that is not valid yet by the clock of the server',
    text: guarded(`SSLCACertificateFile young-ca.pem\n  SSLVerifyClient require\n  ${PROXY}`),
    hand: { identity: 'young-ca' },
    live: broken('LO-07'),
    written: { verdict: ['locked', 'broken'], also: ['LO-07', 'LO-05'] },
  },
  {
    name: 'an edge whose key is too short for the server',
    text: guarded(`${LOCK}\n  ${PROXY}`),
    hand: { identity: 'weak' },
    live: broken('TT-13'),
    written: locked(),
  },
  {
    name: 'an authority that has expired',
    text: guarded(`SSLCACertificateFile expired-ca.pem\n  SSLVerifyClient require\n  ${PROXY}`),
    hand: { identity: 'expired-ca' },
    live: broken('LO-05'),
    written: broken('LO-05'),
  },
  {
    name: 'a revocation list that is out of date',
    text: guarded(`${LOCK}\n  SSLCARevocationFile stale.crl\n  SSLCARevocationCheck leaf\n  ${PROXY}`),
    hand: IDENTITY,
    live: broken('LO-06'),
    written: broken('LO-06'),
  },
  {
    name: "the edge's own certificate in place of an authority",
    text: guarded(`SSLCACertificateFile edge-leaf.pem\n  SSLVerifyClient require\n  ${PROXY}`),
    hand: IDENTITY,
    live: broken('TT-10'),
    written: { verdict: 'broken', refs: ['TT-10'] },
  },
  {
    name: 'an authority whose file is not there',
    text: guarded(`SSLCACertificateFile nowhere.pem\n  SSLVerifyClient require\n  ${PROXY}`),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
];
