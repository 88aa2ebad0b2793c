import { type Case, IDENTITY, locked, NEIGHBOUR_NAME, open } from '../case.ts';
import { CADDY_QUIET } from '../frames.ts';

const CERT = 'tls @DIR@/site.pem @DIR@/site.key';
const PROXY = 'reverse_proxy 127.0.0.1:@APP@';
const asked = (mode: string) => `${CERT} {
    client_auth {
      mode ${mode}
      ${mode === 'request' || mode === 'require' ? '' : 'trusted_ca_cert_file @DIR@/edge-ca.pem'}
    }
  }`;
const site = (name: string, ...lines: readonly string[]) => `
https://${name}:@TLS@ {
  bind 127.0.0.1
  ${lines.join('\n  ')}
}`;
const MATCHED: readonly string[] = ['NE-20', 'NE-03', 'TT-15', 'TT-05', 'NE-04', 'NE-02'];

/** Further ways in which Caddy is locked, or is not. */
export const FURTHER_CADDY: readonly Case[] = [
  {
    name: 'an error that leads to the application',
    text: site(
      'a.test',
      asked('verify_if_given'),
      '@stranger expression `{http.request.tls.client.fingerprint} == null`',
      'error @stranger "no" 403',
      PROXY,
      `handle_errors {\n    rewrite * /\n    ${PROXY}\n  }`,
    ),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-06', 'NE-02'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-06', 'NE-02'] },
  },
  {
    name: 'a denial that comes after the application',
    text: site(
      'a.test',
      asked('verify_if_given'),
      `@stranger expression \`{http.request.tls.client.fingerprint} == null\`
  route {
    ${PROXY}
    respond @stranger 403
  }`,
    ),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-02'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02'] },
  },
  {
    name: 'the name of the subject is compared, of anybody',
    text: site(
      'a.test',
      asked('require'),
      `@known vars_regexp {http.request.tls.client.subject} CN=tenant-a.edge.test
  handle @known {
    ${PROXY}
  }
  handle {
    respond "no" 403
  }`,
    ),
    hand: IDENTITY,
    live: { verdict: 'open', also: MATCHED },
    written: { verdict: ['open', 'unknown'], also: MATCHED },
  },
  {
    name: 'the names of issuer and subject are compared, of anybody',
    text: site(
      'a.test',
      asked('require'),
      `@known {
    vars_regexp {http.request.tls.client.subject} CN=tenant-a.edge.test
    vars_regexp {http.request.tls.client.issuer} "CN=Pulls of the edge"
  }
  handle @known {
    ${PROXY}
  }
  handle {
    respond "no" 403
  }`,
    ),
    hand: IDENTITY,
    live: { verdict: 'open', also: MATCHED },
    written: { verdict: ['open', 'unknown'], also: MATCHED },
  },
  {
    name: 'a pattern of names without a lock beside the name that has one',
    text: `{
${CADDY_QUIET}
  servers {
    strict_sni_host insecure_off
  }
}
${site('a.test', asked('require_and_verify'), PROXY)}${site('*.test', CERT, PROXY)}`,
    hand: NEIGHBOUR_NAME,
    live: { verdict: 'open', also: ['NE-07', 'NE-08', 'NE-13'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-07', 'NE-08', 'NE-13'] },
  },
  {
    name: 'a lock that exempts what asks for JSON',
    text: site(
      'a.test',
      asked('verify_if_given'),
      `@stranger {
    expression \`{http.request.tls.client.fingerprint} == null\`
    not header Accept *json*
  }
  respond @stranger "no" 403`,
      PROXY,
    ),
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], notChecked: [/header/] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-22', 'NE-05'] },
  },
  {
    name: 'plain HTTP that says it was HTTPS to the application',
    text: `${site('a.test', asked('require_and_verify'), `reverse_proxy 127.0.0.1:@APP@ {\n    header_up X-Forwarded-Proto https\n  }`)}
http://a.test:@HTTP@ {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:@APP@
}`,
    application: 'secureOnly',
    hand: { ...IDENTITY, also: [['HTTP']] },
    // Caddy tells the application its own view, whatever the caller says.
    live: locked(),
    written: open('NE-10'),
  },
  {
    name: 'two sites for one name, of which the open one has another port',
    text: `${site('a.test', asked('require_and_verify'), PROXY)}
https://a.test:@OTHER@ {
  bind 127.0.0.1
  ${CERT}
  ${PROXY}
}`,
    hand: { ...IDENTITY, also: [['OTHER']] },
    live: open('NE-11'),
    written: open('NE-11'),
  },
];
