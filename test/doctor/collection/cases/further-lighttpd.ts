import { type Case, IDENTITY, NOTHING } from '../case.ts';

const PROXY = 'proxy.server = ("" => (("host" => "127.0.0.1", "port" => @APP@)))';
const BASE = `
server.port = @TLS@
server.bind = "127.0.0.1"
ssl.engine = "enable"
ssl.pemfile = "@DIR@/site.pem"
ssl.privkey = "@DIR@/site.key"
ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2", "Options" => "-SessionTicket")`;
const LOCK = `ssl.verifyclient.activate = "enable"
ssl.verifyclient.enforce = "enable"
ssl.verifyclient.depth = 1
ssl.verifyclient.ca-file = "@DIR@/edge-ca.pem"`;

/** Further ways in which lighttpd is locked, or is not. */
export const FURTHER_LIGHTTPD: readonly Case[] = [
  {
    name: 'a lock for some paths only',
    text: `${BASE}
$HTTP["url"] =~ "^/admin" {
  ${LOCK}
}
${PROXY}`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-01', 'NE-05'] },
    written: { verdict: 'open', also: ['NE-01', 'NE-05', 'NE-08'] },
  },
  {
    name: 'a lock that addresses of the house do without',
    text: `${BASE}
$HTTP["remoteip"] != "127.0.0.0/8" {
  ${LOCK}
}
${PROXY}`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-01', 'NE-22', 'NE-05'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-01', 'NE-22', 'NE-05'] },
  },
  {
    name: 'a lock for the locked name only, and every other leads to the same application',
    text: `${BASE}
$HTTP["host"] == "a.test" {
  ${LOCK}
}
${PROXY}`,
    hand: NOTHING,
    live: { verdict: ['open', 'unknown'], also: ['NE-08', 'NE-07', 'NE-27', 'NE-21', 'NE-13', 'NE-01'] },
    written: { verdict: 'open', also: ['NE-08', 'NE-01', 'NE-07', 'NE-27'] },
  },
  {
    name: 'another socket with TLS and without the lock',
    text: `${BASE}
${LOCK}
$SERVER["socket"] == "127.0.0.1:@OTHER@" {
  ssl.engine = "enable"
  ssl.pemfile = "@DIR@/site.pem"
  ssl.privkey = "@DIR@/site.key"
  ssl.verifyclient.activate = "disable"
}
${PROXY}`,
    hand: { ...IDENTITY, also: [['OTHER']] },
    live: { verdict: 'open', also: ['NE-11', 'NE-08', 'NE-13'] },
    written: { verdict: 'open', also: ['NE-11'] },
  },
];
