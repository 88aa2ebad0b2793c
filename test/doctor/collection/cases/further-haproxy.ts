import { type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open } from '../case.ts';

const BIND = 'bind 127.0.0.1:@TLS@ ssl crt site.pem';
const OPTIONAL = `${BIND} ca-file edge-ca.pem verify optional`;
const REQUIRED = `${BIND} ca-file edge-ca.pem verify required`;
const ANYHOW = `${OPTIONAL} crt-ignore-err all ca-ignore-err all`;
const front = (bind: string, ...rules: readonly string[]) => `
frontend front
  ${bind}
  ${rules.join('\n  ')}
  default_backend app`;
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });
const MATCHED: readonly string[] = ['NE-19', 'NE-20', 'NE-03', 'TT-15', 'TT-05', 'NE-04', 'NE-02'];

/** Further ways in which HAProxy is locked, or is not. */
export const FURTHER_HAPROXY: readonly Case[] = [
  {
    name: 'a deny list of names in the handshake, which knows one spelling',
    text: front(`${OPTIONAL} strict-sni`, 'http-request deny if { ssl_fc_sni -m str a.test } !{ ssl_c_used }'),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-21'], also: ['NE-08'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-21', 'NE-08', 'NE-02'] },
  },
  {
    name: 'a lock that HTTP/2 does not have',
    text: front(`${OPTIONAL} alpn h2,http/1.1`, 'http-request deny if !{ ssl_c_used } !{ ssl_fc_alpn -m str h2 }'),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-28', 'NE-05', 'NE-02', 'NE-25', 'NE-08'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-05', 'NE-28', 'NE-22'] },
  },
  {
    name: 'a lock that TLS 1.2 does not have',
    text: front(OPTIONAL, 'http-request deny if { ssl_fc_protocol -m str TLSv1.3 } !{ ssl_c_used }'),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-02'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-05', 'NE-22'] },
  },
  {
    name: 'only that the authority is unknown is ignored',
    text: front(`${REQUIRED} crt-ignore-err 18,20,21 ca-ignore-err 18,19,20,21`),
    hand: IDENTITY,
    ...both('NE-19'),
  },
  {
    name: 'only that the certificate has ended is ignored',
    text: front(`${REQUIRED} crt-ignore-err 10`),
    hand: { ...IDENTITY, authority: 'edge' },
    live: { verdict: 'open', refs: [], also: ['NE-19', 'TT-06', 'LO-05'] },
    written: { verdict: ['open', 'locked', 'unknown'], also: ['NE-19'] },
  },
  {
    name: 'the name of the issuer is compared, and its faults are ignored',
    text: front(ANYHOW, 'http-request deny unless { ssl_c_i_dn(cn) -m str "Pulls of the edge" }'),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['TT-15'], also: MATCHED },
    written: { verdict: ['open', 'unknown'], also: MATCHED },
  },
  {
    name: 'the names of issuer and subject are compared, and their faults are ignored',
    text: front(
      ANYHOW,
      'http-request deny unless { ssl_c_i_dn(cn) -m str "Pulls of the edge" } { ssl_c_s_dn(cn) -m str tenant-a.edge.test }',
    ),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['TT-15'], also: MATCHED },
    written: { verdict: ['open', 'unknown'], also: MATCHED },
  },
  {
    name: 'the serial number is compared, and faults are ignored',
    text: front(ANYHOW, 'http-request deny unless { ssl_c_serial,hex -m str -i @SERIAL@ }'),
    hand: IDENTITY,
    live: { verdict: 'open', also: MATCHED },
    written: { verdict: ['open', 'unknown'], also: MATCHED },
  },
  {
    name: 'what the proxy before says of the caller is an address that will do',
    text: front(
      OPTIONAL,
      'acl inside hdr_ip(x-forwarded-for) 10.0.0.0/8',
      'http-request deny if !inside !{ ssl_c_used }',
    ),
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], notChecked: [/header/] },
    written: { verdict: ['open', 'unknown'], also: ['NE-22', 'NE-02'] },
  },
  {
    name: 'a lock that heads alone do not have',
    text: front(OPTIONAL, 'http-request deny if !{ ssl_c_used } !{ method HEAD OPTIONS }'),
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], notChecked: [/methods/] },
    written: { verdict: 'open', also: ['NE-02', 'NE-05', 'NE-22'] },
  },
  {
    name: 'requests without Host need no certificate',
    text: front(OPTIONAL, 'http-request deny if { req.hdr(host) -m found } !{ ssl_c_used }'),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-21', 'NE-08', 'NE-07', 'NE-27'] },
    written: { verdict: 'open', also: ['NE-02', 'NE-21', 'NE-22', 'NE-05'] },
  },
  {
    name: 'a router of names that sends all but one to a machine without a lock',
    text: `
frontend router
  mode tcp
  bind 127.0.0.1:@TLS@
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_hello_type 1 }
  use_backend to_locked if { req.ssl_sni -i a.test }
  default_backend to_open
backend to_locked
  mode tcp
  server one unix@@DIR@/locked.sock
backend to_open
  mode tcp
  server one unix@@DIR@/open.sock
frontend locked
  bind unix@@DIR@/locked.sock ssl crt site.pem ca-file edge-ca.pem verify required
  default_backend app
frontend open
  bind unix@@DIR@/open.sock ssl crt site.pem
  default_backend app`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-08', 'NE-07', 'NE-27'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-08', 'NE-07', 'NE-27', 'NE-01', 'NE-11'] },
  },
  {
    name: 'a farm behind one address, of which every third machine is open',
    text: `
frontend router
  mode tcp
  bind 127.0.0.1:@TLS@
  default_backend farm
backend farm
  mode tcp
  balance roundrobin
  server one unix@@DIR@/one.sock
  server two unix@@DIR@/two.sock
  server three unix@@DIR@/three.sock
frontend locked
  bind unix@@DIR@/one.sock ssl crt site.pem ca-file edge-ca.pem verify required
  bind unix@@DIR@/two.sock ssl crt site.pem ca-file edge-ca.pem verify required
  default_backend app
frontend open
  bind unix@@DIR@/three.sock ssl crt site.pem
  default_backend app`,
    hand: IDENTITY,
    live: {
      verdict: 'open',
      also: [
        'NE-01',
        'NE-02',
        'NE-05',
        'NE-07',
        'NE-08',
        'NE-11',
        'NE-13',
        'NE-14',
        'NE-20',
        'NE-21',
        'NE-27',
        'NE-28',
        'TT-15',
        'TT-01',
        'LO-04',
        'LO-03',
        'LO-08',
        'LO-14',
      ],
    },
    written: { verdict: ['open', 'unknown'], also: ['NE-01', 'NE-11'] },
  },
  {
    name: 'a listener that waits for the PROXY protocol',
    text: front(`${BIND} accept-proxy`),
    hand: NOTHING,
    live: { verdict: ['unknown', 'open'] },
    written: open('NE-01'),
  },
  {
    name: 'a path that ends like a picture needs no certificate',
    text: front(OPTIONAL, 'http-request deny if !{ ssl_c_used } !{ path_end .png }'),
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/other paths/] },
    written: { verdict: 'open', also: ['NE-05', 'NE-02'] },
  },
  {
    name: 'whoever is denied is sent to another listener that is open',
    text: `${front(OPTIONAL, 'http-request redirect location https://%[req.hdr(host),host_only]:@OTHER@/ unless { ssl_c_used }')}
frontend other
  bind 127.0.0.1:@OTHER@ ssl crt site.pem
  default_backend app`,
    hand: { ...IDENTITY, also: [['OTHER']] },
    live: { verdict: 'open', also: ['NE-11'] },
    written: { verdict: 'open', also: ['NE-11', 'NE-02'] },
  },
  {
    name: 'denials that only count from the second request of a connection',
    text: front(REQUIRED, 'http-request deny if { ssl_c_used } !{ ssl_c_verify 0 }'),
    hand: IDENTITY,
    live: locked(),
    written: locked(),
  },
  {
    name: 'the wrong name of two is locked by its listener',
    text: `${front('bind 127.0.0.1:@TLS@ ssl crt-list @DIR@/names.list strict-sni')}`,
    files: {
      'names.list': 'site.pem [ca-file edge-ca.pem verify required] b.test\nsite.pem [verify none] a.test\n',
    },
    hand: NEIGHBOUR_NAME,
    live: { verdict: 'open', also: ['NE-01'] },
    written: { verdict: 'open', also: ['NE-01', 'NE-08', 'NE-13', 'NE-17'] },
  },
];
