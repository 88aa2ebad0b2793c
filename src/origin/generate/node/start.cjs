// ---- Plain HTTP carries no certificate: it redirects and does nothing else ----

function redirect(request, response) {
  try {
    const { host } = askedFor(request);
    const [edge] = doors;
    if (siteOf(edge, host) === null || !request.url.startsWith('/'))
      throw new Refused(421, 'not a name of this server');
    const port = edge.listen[0].port === 443 ? '' : `:${edge.listen[0].port}`;
    response.writeHead(301, {
      location: `https://${host}${port}${request.url}`,
      'content-length': 0,
      connection: 'close',
    });
    response.end();
  } catch (error) {
    refuse(request, response, error);
  }
}

// ---- Start and end ----

function say(what, fields) {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  process.stderr.write(`${new Date().toISOString()} ${what} ${shown.join(' ')}\n`);
}

function secureServer(door) {
  const { watched } = door;
  const server = http2.createSecureServer({
    allowHTTP1: true,
    requestCert: true,
    // Where every name is locked, the handshake already refuses; the verdict is looked at again for each request.
    rejectUnauthorized: door.sites.every(({ mode }) => mode === 'enforce'),
    ca: [],
    // A caller who names nobody is shown no certificate, except where nobody is to be refused.
    ...(watched === null ? {} : { cert: fs.readFileSync(watched.certificate), key: fs.readFileSync(watched.key) }),
    SNICallback: (name, done) => chooseContext(door, name, done),
    minVersion: 'TLSv1.2',
    ciphers: SETTINGS.ciphers,
    // A resumed session is not verified again.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    sessionIdContext: randomBytes(16).toString('hex'),
    handshakeTimeout: 10_000,
    headersTimeout: 20_000,
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    settings: { maxConcurrentStreams: 128 },
  });
  server.prependListener('secureConnection', (socket) => remember(door, socket));
  server.on('request', handle);
  server.on('upgrade', upgrade);
  server.on('tlsClientError', (error, socket) =>
    say('refused', {
      because: socket.authorizationError ?? error.code ?? error.message,
      from: socket.remoteAddress ?? '',
    }),
  );
  return server;
}

function open(server, { host, port }) {
  server.on('error', (error) => {
    say('cannot listen', { error: error.message });
    process.exit(1);
  });
  server.listen({ host, port, ipv6Only: host === '::' });
  return server;
}

function main() {
  try {
    sites.forEach(refresh);
  } catch (error) {
    say('will not start', { error: error.message });
    process.exit(1);
  }
  const servers = [
    ...doors.flatMap((door) => door.listen.map((address) => open(secureServer(door), address))),
    ...SETTINGS.listenHttp.map((address) => open(http.createServer({ headersTimeout: 20_000 }, redirect), address)),
  ];
  if (SETTINGS.pidFile !== null) fs.writeFileSync(SETTINGS.pidFile, `${process.pid}\n`);
  setInterval(() => sites.forEach(refresh), LOOK_AGAIN).unref();
  process.on('SIGHUP', () => sites.forEach(refresh));
  const end = () => {
    for (const server of servers) server.close();
    for (const { connections } of sites) for (const connection of connections) retire(connection);
    setTimeout(() => process.exit(0), DRAIN).unref();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

main();
