import { broken, type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open, TENANTS } from '../case.ts';

const LISTEN = ".listen(@TLS@, '127.0.0.1')";
const serve = (options: string, handler = 'application') => `https.createServer({ ${options} }, ${handler})${LISTEN};`;
const EDGE = "...site, ca: file('edge-ca.pem'), requestCert: true";
const REQUIRED = `${EDGE}, rejectUnauthorized: true`;
const OPTIONAL = `${EDGE}, rejectUnauthorized: false`;
const holds = (...refs: readonly string[]) => ({ live: locked(...refs), written: null });
const leaks = (...refs: readonly string[]) => ({ live: open(...refs), written: null });

const AUTHORIZED = '(request, response) => (request.socket.authorized ? application : refused)(request, response)';

/** What Node 20 takes for authorized, and later ones do not (it is past its end, and still what distributions ship). */
export const NODE_20: Case = {
  name: 'only the socket is asked whether the caller is authorized, in Node 20',
  text: serve(OPTIONAL, AUTHORIZED),
  hand: IDENTITY,
  live: { verdict: 'open', refs: ['NE-14'], also: ['NE-13'] },
  written: null,
};

/** Programs for Node with and without locks. */
export const NODE: readonly Case[] = [
  { name: 'no lock at all', text: serve('...site'), hand: IDENTITY, ...leaks('NE-01') },
  {
    name: 'whoever is unauthorized is rejected, and nobody is asked',
    text: serve("...site, ca: file('edge-ca.pem'), rejectUnauthorized: true"),
    hand: IDENTITY,
    ...leaks('NE-01'),
  },
  { name: 'whoever is unauthorized is let in', text: serve(OPTIONAL), hand: IDENTITY, ...leaks('NE-02') },
  {
    name: 'only the socket is asked whether the caller is authorized',
    text: serve(OPTIONAL, AUTHORIZED),
    hand: IDENTITY,
    // Node 24 tells the truth of resumed sessions, older ones do not.
    ...holds(),
  },
  {
    name: 'a certificate must be there and may be anything',
    text: serve(
      OPTIONAL,
      '(request, response) => (request.socket.getPeerCertificate().raw ? application : refused)(request, response)',
    ),
    hand: IDENTITY,
    ...leaks('NE-20'),
  },
  {
    name: 'the issuer is compared by its name only',
    text: serve(
      OPTIONAL,
      `(request, response) =>
  (request.socket.getPeerCertificate().issuer?.CN === 'Pulls of the edge' ? application : refused)(request, response)`,
    ),
    hand: IDENTITY,
    ...leaks('TT-15'),
  },
  {
    name: 'a name that need only be part of another',
    text: serve(
      REQUIRED,
      `(request, response) =>
  (request.socket.getPeerCertificate().subject.CN.includes('tenant-a.edge.test') ? application : refused)(request, response)`,
    ),
    hand: { ...IDENTITY, foreign: ['tenant-a-evil'] },
    ...leaks('TT-05'),
  },
  {
    name: 'contexts for each name, and an application for each Host',
    text: `const server = https.createServer(
  { ...site, requestCert: false },
  (request, response) => (nameOf(request) === 'a.test' ? application : blog)(request, response),
);
server.addContext('a.test', { ...site, ca: file('edge-ca.pem') });
server${LISTEN};`,
    hand: NEIGHBOUR_NAME,
    ...leaks('NE-01'),
  },
  {
    name: 'an authority that the name in the handshake chooses',
    text: `const server = https.createServer(
  { ...site, ca: file('partner-ca.pem'), requestCert: true, rejectUnauthorized: true },
  (request, response) => (nameOf(request) === 'a.test' ? application : blog)(request, response),
);
server.addContext('a.test', { ...site, ca: file('edge-ca.pem') });
server${LISTEN};`,
    hand: { ...NEIGHBOUR_NAME, foreign: ['partner'] },
    live: { verdict: 'open', refs: ['NE-08'], also: ['NE-09', 'NE-13', 'TT-16'] },
    written: null,
  },
  {
    name: 'a path for health that everybody may see',
    text: serve(
      OPTIONAL,
      `(request, response) =>
  (request.url === '/health' || request.socket.authorized ? application : refused)(request, response)`,
    ),
    hand: { ...IDENTITY, path: '/health' },
    ...leaks('NE-05'),
  },
  {
    name: 'a header instead of a certificate',
    text: serve(
      '...site',
      `(request, response) =>
  (request.headers['x-edge-verified'] === 'SUCCESS' ? application : refused)(request, response)`,
    ),
    hand: { header: 'X-Edge-Verified' },
    ...leaks('HT-01'),
  },
  {
    name: 'the same application over plain HTTP',
    text: `${serve(REQUIRED)}
http.createServer(application).listen(@HTTP@, '127.0.0.1');`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    live: { verdict: 'open', refs: ['NE-23'], also: ['NE-10'] },
    written: null,
  },
  {
    name: 'an authority that serves several customers, of which another comes',
    text: serve(REQUIRED),
    hand: TENANTS,
    ...leaks('TT-04'),
  },
  {
    name: 'everything that a lock should have',
    text: `const PINS = new Set(['@SHA256_COLONS@']);
https.createServer(
  { ...site, ca: [file('edge-ca.pem')], crl: file('edge.crl'), requestCert: true, rejectUnauthorized: true,
    minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET },
  (request, response) => {
    const { socket } = request;
    if (socket.servername !== nameOf(request)) return misdirected(request, response);
    if (!socket.authorized || !PINS.has(socket.getPeerCertificate().fingerprint256)) return refused(request, response);
    application(request, response);
  },
)${LISTEN};`,
    hand: { ...TENANTS, authority: 'edge', revoked: true },
    ...holds(),
  },
  { name: 'the plain lock', text: serve(REQUIRED), hand: IDENTITY, ...holds() },
  {
    name: 'the plain lock, and nothing at hand',
    text: serve(REQUIRED),
    hand: NOTHING,
    live: { verdict: 'locked', notChecked: [/edge.*(?:gets|let) in/] },
    written: null,
  },
  {
    name: 'the plain lock over HTTP/2',
    text: `require('node:http2').createSecureServer({ ${REQUIRED}, allowHTTP1: true }, application)${LISTEN};`,
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'a context from a callback for every name',
    text: `const context = tls.createSecureContext({ ...site, ca: file('edge-ca.pem') });
https.createServer(
  { ...site, requestCert: true, rejectUnauthorized: true, SNICallback: (name, done) => done(null, context), ca: file('edge-ca.pem') },
  application,
)${LISTEN};`,
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'public authorities in place of that of the edge',
    text: serve('...site, requestCert: true, rejectUnauthorized: true'),
    hand: IDENTITY,
    live: { verdict: 'broken', refs: ['TT-01'], also: ['LO-04'] },
    written: null,
  },
  {
    name: 'the authority of before only',
    text: serve("...site, ca: file('old-ca.pem'), requestCert: true, rejectUnauthorized: true"),
    hand: IDENTITY,
    live: { verdict: 'broken', refs: ['LO-03'], also: ['LO-04'] },
    written: null,
  },
  {
    name: "the edge's own certificate in place of an authority",
    text: serve("...site, ca: file('edge-leaf.pem'), requestCert: true, rejectUnauthorized: true"),
    hand: IDENTITY,
    live: broken('TT-10'),
    written: null,
  },
];
