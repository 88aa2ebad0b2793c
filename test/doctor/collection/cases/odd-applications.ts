import type { Behaviour } from '../applications.ts';
import { type AtHand, type Case, type Expected, IDENTITY, NEIGHBOUR_NAME, NOTHING } from '../case.ts';

const PROXY = 'location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header Host $host; }';
const REJECT = 'server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ssl_reject_handshake on; }';
const server = (inside: string, name = 'a.test') =>
  `server { listen 127.0.0.1:@TLS@ ssl; server_name ${name}; ${inside} }`;
const VERIFY = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';
const LOCKED = `${REJECT}\n  ${server(`${VERIFY} ${PROXY}`)}`;
const OPTIONAL = `${REJECT}\n  ${server(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; ${PROXY}`)}`;
const OPEN = `${REJECT}\n  ${server(PROXY)}`;
const PLAIN = `${LOCKED}\n  server { listen 127.0.0.1:@HTTP@; server_name a.test; ${PROXY} }`;

const WHAT: Readonly<Record<Exclude<Behaviour, 'page' | 'blog' | 'believing' | 'folding' | 'secureOnly'>, string>> = {
  echo: 'names the site on its page',
  dynamic: 'writes a new token into each page',
  random: 'answers with nothing but chance',
  notFound: 'has nothing at the path',
  forbidden: 'forbids everybody without a badge',
  failing: 'fails',
  unauthorized: 'asks for a password',
  toLogin: 'sends everybody to its login',
  toWelcome: 'sends everybody to its welcome',
  empty: 'answers without content',
  json: 'answers a few bytes of JSON',
  large: 'answers half a megabyte',
  slow: 'takes its time',
  chunked: 'answers in chunks',
  http10: 'speaks HTTP/1.0',
  printing: 'prints what it was asked',
  browsersOnly: 'turns away whoever is no browser',
};
const BEHAVIOURS = Object.keys(WHAT) as readonly (keyof typeof WHAT)[];

// What these say to a stranger may be a refusal for want of a certificate, or not.
const REFUSING: readonly Behaviour[] = ['forbidden', 'browsersOnly'];
// So little that another site may well say the same.
const SCANT: readonly Behaviour[] = ['empty', 'toLogin', 'random'];

function each(how: string, text: string, hand: AtHand, expect: (behaviour: Behaviour) => Expected): readonly Case[] {
  return BEHAVIOURS.map((application) => ({
    name: `${how}, before an application that ${WHAT[application]}`,
    text,
    hand,
    application,
    live: expect(application),
    written: null,
  }));
}

const LEAKING: Expected = { verdict: 'open', also: ['NE-01', 'NE-02', 'NE-10'] };
const DOUBTFUL: Expected = { verdict: ['open', 'unknown'], also: LEAKING.also ?? [] };

/** Whatever an application answers, a lock is a lock and a hole is a hole. */
export const ODD_APPLICATIONS: readonly Case[] = [
  ...each('a lock', LOCKED, IDENTITY, () => ({ verdict: 'locked' })),
  ...each('an optional certificate', OPTIONAL, IDENTITY, (one) =>
    REFUSING.includes(one)
      ? { ...DOUBTFUL, verdict: ['open', 'unknown', 'broken'], also: ['NE-02', 'TT-05'] }
      : LEAKING,
  ),
  ...each('no lock, and nothing at hand', OPEN, NOTHING, (one) => (REFUSING.includes(one) ? DOUBTFUL : LEAKING)),
  ...each('plain HTTP beside a lock', PLAIN, { ...IDENTITY, also: [['HTTP']] }, (one) =>
    // A redirect to HTTPS is what plain HTTP should answer.
    one === 'toWelcome'
      ? { verdict: 'locked' }
      : [...REFUSING, ...SCANT, 'notFound', 'failing', 'unauthorized'].includes(one)
        ? { ...DOUBTFUL, also: ['NE-10', 'NE-23'] }
        : { ...LEAKING, refs: ['NE-10'] },
  ),
];

/** Servers as people really have them. */
export const ODD_NGINX: readonly Case[] = [
  {
    name: 'several names with the same locked content',
    text: `${REJECT}\n  ${server(`${VERIFY} ${PROXY}`, 'a.test b.test c.test')}`,
    hand: NEIGHBOUR_NAME,
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
  {
    name: 'several names with the same content, one of which is forgotten',
    text: `${REJECT}\n  ${server(`${VERIFY} ${PROXY}`, 'a.test c.test')}\n  ${server(PROXY, 'b.test')}`,
    hand: NEIGHBOUR_NAME,
    application: 'dynamic',
    live: { verdict: 'open', refs: ['NE-07'] },
    written: { verdict: 'open', refs: ['NE-07'] },
  },
  {
    name: 'a page as it came with the server, behind the lock and at another name',
    text: `${REJECT}\n  ${server(`${VERIFY} root @DIR@/stock;`)}\n  ${server('root @DIR@/stock;', 'b.test')}`,
    files: {
      'stock/index.html':
        '<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1><p>It is installed and working.</p></body></html>\n',
    },
    hand: NEIGHBOUR_NAME,
    live: { verdict: ['open', 'unknown', 'locked'], also: ['NE-07'] },
    written: { verdict: 'open', also: ['NE-07'] },
  },
  {
    name: 'a page as it came with the server over plain HTTP, and another application behind the lock',
    text: `${LOCKED}\n  server { listen 127.0.0.1:@HTTP@ default_server; root @DIR@/stock; }`,
    files: {
      'stock/index.html':
        '<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head><body>It works.</body></html>\n',
    },
    hand: { ...IDENTITY, also: [['HTTP']] },
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
  {
    name: 'a page as it came with the server over plain HTTP, and nothing at hand to compare it with',
    text: `${LOCKED}\n  server { listen 127.0.0.1:@HTTP@ default_server; root @DIR@/stock; }`,
    files: {
      'stock/index.html':
        '<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head><body>It works.</body></html>\n',
    },
    hand: { also: [['HTTP']] },
    live: { verdict: 'locked', refs: ['NE-10'] },
    written: { verdict: 'locked' },
  },
  {
    name: 'a firewall for applications that forbids everybody',
    text: `${REJECT}\n  ${server('location / { return 403; }')}`,
    hand: IDENTITY,
    live: { verdict: ['unknown', 'broken'], also: ['NE-16', 'TT-05'] },
    written: null,
  },
  {
    name: 'a firewall for applications that forbids everybody, and nothing at hand',
    text: `${REJECT}\n  ${server('location / { return 403; }')}`,
    hand: NOTHING,
    live: { verdict: 'unknown' },
    written: null,
  },
  {
    name: 'strangers are sent to the edge',
    text: `${REJECT}\n  ${server(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    if ($ssl_client_verify != SUCCESS) { return 302 https://edge.test$request_uri; } ${PROXY}`)}`,
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/redirect/] },
    written: { verdict: 'locked' },
  },
  {
    name: 'strangers get a page of their own with status 200',
    text: `${REJECT}\n  ${server(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    if ($ssl_client_verify != SUCCESS) { return 200 "Only the edge may read what is kept in here."; } ${PROXY}`)}`,
    hand: IDENTITY,
    live: { verdict: ['locked', 'unknown'] },
    written: { verdict: ['locked', 'unknown'] },
  },
  {
    name: 'a password that everybody is asked for instead of a certificate',
    text: `${REJECT}\n  ${server(`auth_basic "orders"; auth_basic_user_file passwords; ${PROXY}`)}`,
    files: { passwords: 'somebody:{PLAIN}secret\n' },
    hand: NOTHING,
    live: { verdict: 'open', refs: ['NE-01'] },
    written: { verdict: 'open', also: ['NE-01', 'HT-06'] },
  },
  {
    name: 'a password beside the lock',
    text: `${REJECT}\n  ${server(`${VERIFY} auth_basic "orders"; auth_basic_user_file passwords; ${PROXY}`)}`,
    files: { passwords: 'somebody:{PLAIN}secret\n' },
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
  {
    name: 'webhooks that are locked, and the rest of the site open',
    text: `${REJECT}\n  ${server(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; ssl_verify_depth 3;
    location /api/webhook {
      if ($ssl_client_verify != SUCCESS) { return 403; }
      proxy_pass http://127.0.0.1:@APP@;
      proxy_set_header X-Client-Verify $ssl_client_verify;
    }
    ${PROXY}`)}`,
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-02'] },
    // The other locations hand on what callers say of themselves.
    written: { verdict: 'open', refs: ['NE-05'], also: ['HT-01'] },
  },
  {
    name: 'addresses taken from a header that anybody may send, and a lock all the same',
    text: `${REJECT}\n  ${server(`set_real_ip_from 127.0.0.0/8; real_ip_header CF-Connecting-IP; ${VERIFY} ${PROXY}`)}`,
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
  {
    name: 'a health check that the lock exempts',
    text: `${REJECT}\n  ${server(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location = /healthz { return 200 "up"; }
    location / {
      if ($ssl_client_verify != SUCCESS) { return 403; }
      proxy_pass http://127.0.0.1:@APP@;
    }`)}`,
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/other paths/] },
    written: { verdict: ['locked', 'open'], also: ['NE-05', 'NE-02'] },
  },
  {
    name: 'an application that does not answer in time behind the lock',
    text: `${REJECT}\n  ${server(`${VERIFY} location / { proxy_pass http://127.0.0.1:1; }`)}`,
    hand: IDENTITY,
    live: { verdict: ['locked', 'unknown'] },
    written: { verdict: 'locked' },
  },
  {
    name: 'compression, caching and other fields that differ each time',
    text: `${REJECT}\n  ${server(`${VERIFY} gzip on; gzip_types *; add_header X-Request-Id $request_id always; expires 1h; ${PROXY}`)}`,
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
  {
    name: 'HTTP/2 and its field for HTTP/3, which nothing serves',
    text: `${REJECT}\n  ${server(`${VERIFY} add_header Alt-Svc 'h3=":443"' always; ${PROXY}`).replace('ssl;', 'ssl http2;')}`,
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/HTTP\/3/] },
    written: { verdict: 'locked' },
  },
];
