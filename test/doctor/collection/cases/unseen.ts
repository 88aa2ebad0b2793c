import { type Case, IDENTITY, locked, NOTHING } from '../case.ts';

const PROXY = 'location / { proxy_pass http://127.0.0.1:@APP@; }';
const site = (inside: string) => `
  server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ssl_reject_handshake on; }
  server { listen 127.0.0.1:@TLS@ ssl; server_name a.test; ${inside} }`;
const LOCK = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';

/** Holes that nobody sees from outside with what is at hand: the doctor must say that it did not see. */
export const UNSEEN: readonly Case[] = [
  {
    name: 'an authority that is trusted and not named',
    text: site(`${LOCK} ssl_trusted_certificate partner-ca.pem; ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/authorities that the server trusts and does not name/] },
    written: { verdict: ['locked', 'open'], refs: ['TT-02'] },
  },
  {
    name: 'another customer of the same edge, of whom nobody is at hand',
    text: site(`${LOCK} ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/another customer/] },
    written: locked(),
  },
  {
    name: 'a path that nobody named',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location = / { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:@APP@; }
    location /reports { proxy_pass http://127.0.0.1:@APP@; }
    location / { return 404; }`),
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/other paths/] },
    written: { verdict: 'open', refs: ['NE-05'] },
  },
  {
    name: 'a header that nobody named',
    text: site(`${LOCK} ${PROXY}`),
    hand: IDENTITY,
    application: 'page',
    live: { verdict: 'locked', notChecked: [/header/] },
    written: locked(),
  },
  {
    name: 'another port that nobody named',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@OTHER@ ssl; server_name a.test; ${PROXY} }`,
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/other ports/] },
    written: { verdict: 'open', refs: ['NE-11'] },
  },
  {
    name: 'another name that nobody named',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@TLS@ ssl; server_name b.test; ${PROXY} }`,
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/other names/] },
    written: { verdict: 'open', refs: ['NE-07'] },
  },
  {
    name: 'revoked certificates, of which there is none at hand',
    text: site(`${LOCK} ${PROXY}`),
    hand: { ...IDENTITY, authority: 'edge' },
    live: { verdict: 'locked', notChecked: [/revoked/] },
    written: { verdict: 'locked', refs: ['TT-11'] },
  },
  {
    name: 'whether the chain of the edge is accepted, of a server that judges it after the handshake',
    text: site(`ssl_client_certificate old-ca.pem; ssl_verify_client on; ${PROXY}`),
    hand: { ...IDENTITY, keyless: true },
    live: { verdict: 'locked', notChecked: [/chain of the edge's certificate/, /edge.*(?:gets|let) in/] },
    written: locked(),
  },
  {
    name: 'whether there is a pin, with nothing at hand',
    text: site(`${LOCK} ${PROXY}`),
    hand: NOTHING,
    live: { verdict: 'locked', notChecked: [/pinned/] },
    written: locked(),
  },
];

/** A text that was changed, and a server that nobody told. */
export const DRIFTED: readonly Case[] = [
  {
    name: 'a lock that was written and not loaded',
    text: site(`${LOCK} ${PROXY}`),
    running: site(PROXY),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-01'] },
    written: locked(),
  },
  {
    name: 'a lock that was made a duty and not loaded, with nothing at hand',
    text: site(`${LOCK} ${PROXY}`),
    running: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; ${PROXY}`),
    hand: NOTHING,
    live: { verdict: 'open', refs: ['NE-02'] },
    written: locked(),
  },
  {
    name: 'a lock that was taken away and still runs',
    text: site(PROXY),
    running: site(`${LOCK} ${PROXY}`),
    hand: IDENTITY,
    live: locked(),
    written: { verdict: 'open', refs: ['NE-01'] },
  },
];
