// ---- The handshake: who is it? ----

/** The context for a name at a door; an unknown name is refused without showing a certificate. */
function chooseContext(door, name, done) {
  const site = siteOf(door, name.toLowerCase()) ?? door.watched;
  if (site === null) return done(new Error(`no site is called ${JSON.stringify(name)}`));
  refresh(site);
  return done(null, site.context);
}

/** What the certificate of this very connection is worth: SUCCESS, NONE, or FAILED with the reason. */
function verdictOf(socket, site) {
  const leaf = socket.getPeerX509Certificate();
  // `authorized` alone will not do: after a resumption some releases have it true without any certificate.
  if (leaf === undefined) return 'NONE';
  if (socket.isSessionReused()) return 'FAILED:resumed session';
  if (site === null) return 'FAILED:no name in the handshake';
  if (!socket.authorized) return `FAILED:${reason(String(socket.authorizationError))}`;
  if (leaf.ca) return 'FAILED:certificate of a CA';
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes('1.3.6.1.5.5.7.3.2')) return 'FAILED:not for clients';
  if (site.pins !== null && !site.pins.includes(leaf.fingerprint256.replaceAll(':', '').toLowerCase()))
    return 'FAILED:not a pinned certificate';
  return 'SUCCESS';
}

function reason(code) {
  return code
    .replace(/^CERT_/, 'certificate ')
    .replaceAll('_', ' ')
    .replace(/[^A-Za-z ]/g, '')
    .toLowerCase();
}

/** Keeps what the handshake showed, for every request of the connection. Without it no request gets further. */
function remember(door, socket) {
  socket.on('error', () => socket.destroy());
  try {
    judge(door, socket);
  } catch (error) {
    say('refused', { because: error.message, from: socket.remoteAddress ?? '' });
    socket.destroy();
  }
}

function judge(door, socket) {
  const name = socket.servername ? String(socket.servername).toLowerCase() : '';
  const site = siteOf(door, name);
  const leaf = socket.getPeerX509Certificate();
  const connection = {
    door,
    site,
    name,
    from: socket.remoteAddress ?? '',
    verdict: verdictOf(socket, site),
    until: leaf === undefined ? 0 : Date.parse(leaf.validTo),
    subject: (leaf?.subject ?? '').replaceAll('\n', ','),
    issuer: (leaf?.issuer ?? '').replaceAll('\n', ','),
    pulls: 0,
    retired: false,
    end: () => socket.destroySoon(),
  };
  socket[CONNECTION] = connection;
  if (site === null) return;
  site.connections.add(connection);
  socket.once('close', () => site.connections.delete(connection));
}
