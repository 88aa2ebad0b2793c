const { constants, randomBytes, X509Certificate } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');
const { isIP } = require('node:net');
const path = require('node:path');
const { pipeline } = require('node:stream');
const tls = require('node:tls');

const UPSTREAM_SILENCE = 120_000;
// Less than the 5 seconds after which Node closes an idle connection, so that no request meets a closing one.
const UPSTREAM_IDLE = 4_000;
const LOOK_AGAIN = 5_000;
const DRAIN = 30_000;
const CONNECTION = Symbol('connection');

// ---- Doors: listeners and their sites. What a name leads to, and what its callers meet in the handshake ----

// Nothing of one door is known at another: not its sites, their CAs and contexts, nor its sessions.
const doors = SETTINGS.doors.map(({ via, listen, sites: settings }) => {
  const own = settings.map((site) => ({ ...site, via, context: null, seen: '', connections: new Set() }));
  return {
    listen,
    sites: own,
    byName: new Map(own.flatMap((site) => site.hostnames.map((name) => [name, site]))),
    watched: own.find(({ mode }) => mode === 'watch') ?? null,
  };
});
const sites = doors.flatMap((door) => door.sites);

/** The site of a name in lower case at a door; `*.example.test` stands for one label or more. */
function siteOf({ byName }, name) {
  const exact = byName.get(name);
  if (exact !== undefined) return exact;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const wild = byName.get(`*${name.slice(dot)}`);
    if (wild !== undefined) return wild;
  }
  return null;
}

/** The PEM blocks of a file. Node reads only the first revocation list of a text, so each goes on alone. */
function blocks(file, label) {
  const text = fs.readFileSync(file, 'utf8');
  const found = text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g')) ?? [];
  if (found.length === 0) throw new Error(`${file} holds no ${label}`);
  return found;
}

function trusted(file) {
  const found = blocks(file, 'CERTIFICATE');
  for (const pem of found) if (!readable(pem, file).ca) throw new Error(`${file} holds a certificate that is no CA`);
  return found;
}

function readable(pem, file) {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error(`${file} holds a certificate that cannot be read: ${error.message}`);
  }
}

function filesOf({ bundle, crl, certificate, key }) {
  return [bundle, crl, certificate, key].filter((file) => file !== null);
}

/** Changes whenever one of the site's files was written or replaced. */
function stampOf(site) {
  return filesOf(site)
    .map((file) => {
      const { ino, size, mtimeMs } = fs.statSync(file);
      return `${ino}:${size}:${mtimeMs}`;
    })
    .join(' ');
}

function contextOf({ bundle, crl, certificate, key }) {
  return tls.createSecureContext({
    cert: fs.readFileSync(certificate),
    key: fs.readFileSync(key),
    // Without this list Node would trust the public CAs.
    ca: bundle === null ? [] : trusted(bundle),
    ...(crl === null ? {} : { crl: blocks(crl, 'X509 CRL') }),
    ciphers: SETTINGS.ciphers,
  });
}

/** Reads a site's files anew where they changed. What cannot be used changes nothing: the last good state stays. */
function refresh(site) {
  try {
    const stamp = stampOf(site);
    if (stamp === site.seen) return;
    site.seen = stamp;
    const isFirst = site.context === null;
    site.context = contextOf(site);
    if (isFirst) return;
    say('loaded', { names: site.hostnames.join(',') });
    // They were let in by the files of before. A request that is under way ends first.
    for (const connection of site.connections) retire(connection);
  } catch (error) {
    if (site.context === null) throw error;
    if (site.trouble !== error.message) say('unusable', { names: site.hostnames.join(','), error: error.message });
    site.trouble = error.message;
  }
}

function retire(connection) {
  connection.retired = true;
  if (connection.pulls === 0) connection.end();
}
