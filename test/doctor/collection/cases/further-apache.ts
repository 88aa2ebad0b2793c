import { type Case, IDENTITY, locked, NEIGHBOUR_NAME } from '../case.ts';

const PROXY = 'ProxyPass / http://127.0.0.1:@APP@/';
const TLS = 'SSLEngine on\n  SSLCertificateFile site.pem\n  SSLCertificateKeyFile site.key';
const LOCK = 'SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require\n  SSLVerifyDepth 1';
const OPTIONAL = 'SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional';
const UNVERIFIED = 'SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional_no_ca';
const host = (name: string, inside: string, port = '@TLS@') => `
<VirtualHost *:${port}>
  ServerName ${name}
  ${inside}
</VirtualHost>`;
const site = (inside: string) => `Listen 127.0.0.1:@TLS@${host('a.test', `${TLS}\n  ${inside}`)}`;
const MATCHED: readonly string[] = ['NE-20', 'NE-03', 'TT-15', 'TT-05', 'NE-04', 'NE-02'];

/** Further ways in which Apache is locked, or is not. */
export const FURTHER_APACHE: readonly Case[] = [
  {
    name: 'a duty for those methods only that are named',
    text: site(`${OPTIONAL}
  <Location "/">
    <Limit POST PUT>
      Require ssl-verify-client
    </Limit>
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-02', 'NE-05'] },
    written: { verdict: 'open', also: ['NE-02', 'NE-05'] },
  },
  {
    name: 'a duty for reading only',
    text: site(`${OPTIONAL}
  <Location "/">
    <Limit GET>
      Require ssl-verify-client
    </Limit>
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], notChecked: [/methods/] },
    written: { verdict: 'open', also: ['NE-02', 'NE-05'] },
  },
  {
    name: 'everything is denied to strangers, and an older word allows it again',
    text: site(`${OPTIONAL}
  <Location "/">
    SSLRequire %{SSL_CLIENT_VERIFY} eq "SUCCESS"
    SSLOptions +StrictRequire
    Order allow,deny
    Allow from all
    Satisfy any
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-22', 'NE-02'] },
    written: { verdict: 'open', also: ['NE-22', 'NE-02'] },
  },
  {
    name: 'the name of the subject is compared, of anybody',
    text: site(`${UNVERIFIED}
  <Location "/">
    Require expr "%{SSL_CLIENT_S_DN_CN} == 'tenant-a.edge.test'"
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: MATCHED },
    written: { verdict: 'open', also: MATCHED },
  },
  {
    name: 'the names of issuer and subject are compared, of anybody',
    text: site(`${UNVERIFIED}
  <Location "/">
    Require expr "%{SSL_CLIENT_S_DN_CN} == 'tenant-a.edge.test' && %{SSL_CLIENT_I_DN_CN} == 'Pulls of the edge'"
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['TT-15'], also: MATCHED },
    written: { verdict: 'open', also: MATCHED },
  },
  {
    name: 'the serial number is compared, of anybody',
    text: site(`${UNVERIFIED}
  <Location "/">
    Require expr "%{SSL_CLIENT_M_SERIAL} == '@SERIAL@'"
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: MATCHED },
    written: { verdict: 'open', also: MATCHED },
  },
  {
    name: 'a duty that a name without an end escapes',
    text: site(`${OPTIONAL}
  <If "%{HTTP_HOST} == 'a.test'">
    Require ssl-verify-client
  </If>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-21', 'NE-08', 'NE-07', 'NE-27', 'NE-02'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-21', 'NE-22', 'NE-05', 'NE-08'] },
  },
  {
    name: 'a header that stands for the certificate',
    text: site(`${OPTIONAL}
  SetEnvIf X-Monitor "^probe$" monitored
  <Location "/">
    <RequireAny>
      Require env monitored
      Require ssl-verify-client
    </RequireAny>
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], notChecked: [/header/] },
    written: { verdict: ['open', 'unknown'], also: ['NE-22', 'NE-02'] },
  },
  {
    name: 'a virtual host for all other names that has the same application',
    text: `Listen 127.0.0.1:@TLS@${host('a.test', `${TLS}\n  ${LOCK}\n  ${PROXY}`)}${host('others.test', `ServerAlias *\n  ${TLS}\n  ${PROXY}`)}`,
    hand: NEIGHBOUR_NAME,
    live: { verdict: 'open', also: ['NE-07', 'NE-27'] },
    written: { verdict: 'open', also: ['NE-07', 'NE-27'] },
  },
  {
    name: 'plain HTTP that believes a header which says that it was HTTPS',
    text: `Listen 127.0.0.1:@TLS@\nListen 127.0.0.1:@HTTP@${host('a.test', `${TLS}\n  ${LOCK}\n  ${PROXY}`)}${host(
      'a.test',
      `RewriteEngine on
  RewriteCond %{HTTP:X-Forwarded-Proto} !https
  RewriteRule ^ https://a.test/ [R=301,L]
  ${PROXY}`,
      '@HTTP@',
    )}`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    live: { verdict: 'open', refs: ['NE-10'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-10'] },
  },
  {
    name: 'requests without Host are exempted, which Apache refuses where a name was said in the handshake',
    text: site(`${OPTIONAL}
  RewriteEngine on
  RewriteCond %{HTTP_HOST} !^$
  RewriteCond %{SSL:SSL_CLIENT_VERIFY} !^SUCCESS$
  RewriteRule ^ - [F]
  ${PROXY}`),
    hand: IDENTITY,
    live: locked(),
    written: { verdict: ['locked', 'unknown', 'open'], also: ['NE-02', 'NE-21', 'NE-22', 'NE-05'] },
  },
  {
    name: 'HTTP/2 escapes the rewriting that forbids',
    text: `Listen 127.0.0.1:@TLS@\nProtocols h2 http/1.1${host(
      'a.test',
      `${TLS}
  ${OPTIONAL}
  RewriteEngine on
  RewriteCond %{SERVER_PROTOCOL} !=HTTP/2.0
  RewriteCond %{SSL:SSL_CLIENT_VERIFY} !^SUCCESS$
  RewriteRule ^ - [F]
  ${PROXY}`,
    )}`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-28', 'NE-05', 'NE-02', 'NE-25', 'NE-08'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-05', 'NE-28', 'NE-22'] },
  },
];
