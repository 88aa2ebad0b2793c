// ---- A request: may it in? ----

class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/** The name that was asked for, in lower case and without port and final dot, and its port with the colon. */
function askedFor(request) {
  const fields = pairs(request.rawHeaders).filter(([name]) => /^(?:host|:authority)$/i.test(name));
  const values = new Set(fields.map(([, value]) => value.toLowerCase()));
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(request.url)?.[1];
  if (absolute !== undefined) values.add(absolute.toLowerCase());
  const [value = ''] = values;
  const sameKind = fields.filter(([name]) => name.toLowerCase() === 'host').length;
  if (values.size !== 1 || sameKind > 1) throw new Refused(400, 'not exactly one host');
  const [, host, port = ''] = /^([a-z0-9._-]+?)\.?(:\d{1,5})?$/.exec(value) ?? [];
  if (host === undefined || isIP(host) !== 0) throw new Refused(421, 'not a name of this server');
  return { host, port };
}

/** Site, name and verdict of a request that may in; throws `Refused` otherwise. */
function admit(request) {
  const connection = request.socket[CONNECTION];
  if (connection === undefined || connection.retired) throw new Refused(400, 'connect again: the files changed');
  const { host, port } = askedFor(request);
  const site = siteOf(connection.door, host);
  if (site === null) throw new Refused(421, 'not a name of this server');
  let verdict = connection.verdict;
  if (connection.site !== site) {
    // The handshake was for another name, perhaps one with another authority.
    if (site.mode !== 'watch') throw new Refused(421, 'another name in the handshake');
    if (verdict === 'SUCCESS') verdict = 'FAILED:another name in the handshake';
  }
  if (verdict === 'SUCCESS' && Date.now() > connection.until) verdict = 'FAILED:certificate has expired';
  if (site.mode === 'watch') watch(site, connection, request, host, verdict);
  if (site.mode === 'enforce' && verdict !== 'SUCCESS')
    throw new Refused(verdict.endsWith('pinned certificate') ? 403 : 400, verdict);
  return { connection, site, host, port, verdict };
}

function watch(site, { from, name, subject, issuer }, request, host, verdict) {
  const shown = {
    verify: verdict,
    from,
    sni: name,
    host,
    request: `${request.method} ${request.url}`,
    subject,
    issuer,
    agent: request.headers['user-agent'] ?? '',
  };
  const line = `${new Date().toISOString()} ${Object.entries(shown)
    .map(([what, value]) => `${what}=${JSON.stringify(value)}`)
    .join(' ')}\n`;
  if (site.watchLog === null) process.stdout.write(line);
  else fs.appendFile(site.watchLog, line, (error) => error && say('no log', { error: error.message }));
}

function handle(request, response) {
  response.on('error', () => response.destroy());
  try {
    const admitted = admit(request);
    const { connection, site } = admitted;
    connection.pulls += 1;
    response.once('close', () => {
      connection.pulls -= 1;
      if (connection.retired) retire(connection);
    });
    if (site.content.kind === 'static') serveFile(request, response, site.content.root);
    else forward(request, response, admitted, 1);
  } catch (error) {
    refuse(request, response, error);
  }
}

/** Ends a request that cannot be served. What nobody thought of is a bad request too, and never the end of the server. */
function refuse(request, response, thrown) {
  if (response.headersSent) return void response.destroy();
  const error = thrown instanceof Refused ? thrown : new Refused(400, thrown.message);
  tellRefusal(request, error);
  const text = `${error.status}\n`;
  const close = request.httpVersionMajor === 1 ? { connection: 'close' } : {};
  response.writeHead(error.status, { 'content-type': 'text/plain', 'content-length': text.length, ...close });
  response.end(text);
}

function tellRefusal(request, { status, message }) {
  const { from = '', name = '', subject = '' } = request.socket[CONNECTION] ?? {};
  say('refused', {
    status: String(status),
    because: message,
    from,
    sni: name,
    host: request.headers.host ?? '',
    subject,
  });
}
