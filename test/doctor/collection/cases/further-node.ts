import { type Case, IDENTITY, locked, NEIGHBOUR_NAME, open } from '../case.ts';

const LISTEN = ".listen(@TLS@, '127.0.0.1')";
const EDGE = "...site, ca: file('edge-ca.pem'), requestCert: true";
const REQUIRED = `${EDGE}, rejectUnauthorized: true`;
const OPTIONAL = `${EDGE}, rejectUnauthorized: false`;
const serve = (options: string, handler: string) => `https.createServer({ ${options} }, ${handler})${LISTEN};`;
const allow = (condition: string) => `(request, response) => {
  const peer = request.socket.getPeerCertificate(true);
  return (${condition} ? application : refused)(request, response);
}`;
const leaks = (refs: readonly string[], also: readonly string[] = []) => ({
  live: { ...open(...refs), also },
  written: null,
});
const ANYTHING = ['NE-20', 'NE-03', 'TT-15', 'NE-04', 'NE-02', 'TT-01'];

/** Further programs for Node with and without locks. */
export const FURTHER_NODE: readonly Case[] = [
  {
    name: 'the name of the subject is compared, of anybody',
    text: serve(OPTIONAL, allow("peer.subject?.CN === 'tenant-a.edge.test'")),
    hand: IDENTITY,
    ...leaks([], ANYTHING),
  },
  {
    name: 'the names of issuer and subject are compared, of anybody',
    text: serve(
      OPTIONAL,
      allow("peer.subject?.CN === 'tenant-a.edge.test' && peer.issuer?.CN === 'Pulls of the edge'"),
    ),
    hand: IDENTITY,
    ...leaks(['TT-15'], ANYTHING),
  },
  {
    name: 'the serial number is compared, of anybody',
    text: serve(OPTIONAL, allow("peer.serialNumber === '@SERIAL@'")),
    hand: IDENTITY,
    ...leaks([], ANYTHING),
  },
  {
    name: 'the serial number and the issuer are compared, of anybody',
    text: serve(OPTIONAL, allow("peer.serialNumber === '@SERIAL@' && peer.issuer?.CN === 'Pulls of the edge'")),
    hand: IDENTITY,
    ...leaks(['TT-15'], ANYTHING),
  },
  {
    name: 'the certificate that should be above is compared, of anybody',
    text: `const { X509Certificate } = require('node:crypto');
const above = new X509Certificate(file('edge-ca.pem')).fingerprint256;
${serve(OPTIONAL, allow('peer.issuerCertificate?.fingerprint256 === above'))}`,
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], also: ANYTHING },
    written: null,
  },
  {
    name: 'only that a certificate is out of date is looked at',
    text: serve(
      OPTIONAL,
      allow("peer.raw && !String(request.socket.authorizationError).startsWith('CERT_HAS_EXPIRED')"),
    ),
    hand: IDENTITY,
    ...leaks([], ANYTHING),
  },
  {
    name: 'what is not authorized is ended once, and its session is taken up again',
    text: `const server = ${serve(OPTIONAL, 'application').replace(/;$/, '')};
server.on('secureConnection', (socket) => {
  if (!socket.isSessionReused() && !socket.authorized) setTimeout(() => socket.end(), 50);
});
server.prependListener('request', (request) => {
  if (!request.socket.isSessionReused() && !request.socket.authorized) request.removeAllListeners();
});`,
    hand: IDENTITY,
    live: { verdict: ['open', 'unknown'], also: ['NE-14', 'NE-13', 'NE-24', 'NE-02'] },
    written: null,
  },
  {
    name: 'a new connection is judged, a resumed one is believed',
    text: serve(
      OPTIONAL,
      '(request, response) => (request.socket.isSessionReused() || request.socket.authorized ? application : refused)(request, response)',
    ),
    hand: IDENTITY,
    ...leaks(['NE-14'], ['NE-13', 'NE-24']),
  },
  {
    name: 'every third connection is not judged',
    text: `let count = 0;
const server = https.createServer({ ${OPTIONAL} }, (request, response) =>
  (request.socket.authorized || request.socket.free ? application : refused)(request, response));
server.on('secureConnection', (socket) => { socket.free = (count += 1) % 3 === 0; });
server${LISTEN};`,
    hand: IDENTITY,
    live: {
      verdict: 'open',
      also: [
        'NE-01',
        'NE-02',
        'NE-05',
        'NE-07',
        'NE-08',
        'NE-13',
        'NE-14',
        'NE-20',
        'NE-21',
        'NE-27',
        'NE-28',
        'TT-15',
        'TT-01',
        'NE-03',
        'NE-24',
      ],
    },
    written: null,
  },
  {
    name: 'HTTP/2 goes to another handler, which nobody locked',
    text: `const http2 = require('node:http2');
const server = http2.createSecureServer({ ${OPTIONAL}, allowHTTP1: true });
server.on('request', (request, response) => {
  if (request.httpVersionMajor === 2) return;
  return (request.socket.authorized ? application : refused)(request, response);
});
server.on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'text/html' });
  stream.end(orders);
});
server${LISTEN};`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-28', 'NE-25', 'NE-05', 'NE-02', 'NE-08'] },
    written: null,
  },
  {
    name: 'HTTP/2 goes to another handler, which only asks for some certificate',
    text: `const http2 = require('node:http2');
const server = http2.createSecureServer({ ${OPTIONAL}, allowHTTP1: true });
server.on('request', (request, response) => {
  if (request.httpVersionMajor === 2) return;
  return (request.socket.authorized ? application : refused)(request, response);
});
server.on('stream', (stream) => {
  const known = stream.session.socket.getPeerCertificate().raw !== undefined;
  stream.respond({ ':status': known ? 200 : 403, 'content-type': 'text/html' });
  stream.end(known ? orders : 'no');
});
server${LISTEN};`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-28', 'NE-20', 'NE-05', 'NE-02', 'NE-03'] },
    written: null,
  },
  {
    name: 'a header that says it was HTTPS opens plain HTTP',
    text: `${serve(REQUIRED, 'application')}
http.createServer((request, response) => {
  if (request.headers['x-forwarded-proto'] === 'https') return application(request, response);
  return response.writeHead(301, { location: 'https://' + request.headers.host + '/' }).end();
}).listen(@HTTP@, '127.0.0.1');`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...leaks(['NE-10'], ['HT-01']),
  },
  {
    name: 'a name in the handshake in other letters leads to the context without a lock',
    text: `const locked = tls.createSecureContext({ ...site, ca: file('edge-ca.pem') });
const server = https.createServer({
  ${OPTIONAL},
  SNICallback: (name, done) => (name.toLowerCase() === 'a.test' ? done(null, locked) : done(new Error('nobody'))),
}, (request, response) => {
  const { servername, authorized } = request.socket;
  return ((servername || 'a.test') === 'a.test' && !authorized ? refused : application)(request, response);
});
server${LISTEN};`,
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-21'], also: ['NE-08', 'NE-13', 'NE-14'] },
    written: null,
  },
  {
    name: 'a lock with a page for strangers that looks like that of nginx',
    text: `const lie = show('<html><head><title>400 No required SSL certificate was sent</title></head></html>', 400);
${serve(OPTIONAL, '(request, response) => (request.socket.authorized ? application : lie)(request, response)')}`,
    hand: IDENTITY,
    live: locked(),
    written: null,
  },
  {
    name: 'the application is served with the title of a refusal',
    text: serve(
      OPTIONAL,
      "(request, response) => show('<title>400 No required SSL certificate was sent</title>' + orders, request.socket.authorized ? 200 : 400)(request, response)",
    ),
    hand: IDENTITY,
    live: { verdict: ['open', 'unknown'], also: ['NE-02'] },
    written: null,
  },
  {
    name: 'the application is served with a status of errors',
    text: serve(
      OPTIONAL,
      '(request, response) => show(orders, request.socket.authorized ? 200 : 403)(request, response)',
    ),
    hand: IDENTITY,
    live: { verdict: ['open', 'unknown'], also: ['NE-02'] },
    written: null,
  },
  {
    name: 'another name leads to the same content in another language',
    text: `const german = show('<title>Auftraege</title><p>Alle Auftraege aller Kunden, einer nach dem anderen erzaehlt in einiger Laenge.');
const contexts = { 'a.test': tls.createSecureContext({ ...site, ca: file('edge-ca.pem') }) };
const server = https.createServer({ ${OPTIONAL} }, (request, response) =>
  (nameOf(request) === 'b.test' ? german : request.socket.authorized ? application : refused)(request, response));
server${LISTEN};`,
    hand: NEIGHBOUR_NAME,
    live: { verdict: ['locked', 'unknown'], notChecked: [/other/] },
    written: null,
  },
];
