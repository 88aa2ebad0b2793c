import { refusingListen, refusingServer } from '../../domain/nginx-refusing-server.ts';
import { connectText } from '../target.ts';
import type { Place } from './server-fixes.ts';

/**
 * A site that refuses names that no other has, in the words of each server. A server takes it for the sockets that it is
 * written for, and those must be the ones of the locked site: where that listens on one address, a site for all addresses
 * is not asked there, and where it listens on all, a site for one address would take that address away from it.
 */
interface Socket {
  /** As a configuration writes it: `127.0.0.1:8443`, `[::1]:8443`. */
  readonly own: string;
  readonly port: number;
  readonly isSix: boolean;
  /** Written for one address as a rule: a server that nobody but its own machine can reach. */
  readonly isOne: boolean;
}

function socketOf(place: Place | null): Socket {
  if (place === null) return { own: '192.0.2.1:443', port: 443, isSix: false, isOne: false };
  const { address, port } = place;
  const isSix = address.includes(':');
  return { own: connectText(place), port, isSix, isOne: address === '::1' || address.startsWith('127.') };
}

// Nobody outside can tell in which of these ways a server listens: the likely one is taken, and the others stand there.
function choice(when: string, line: string, isTaken: boolean): readonly string[] {
  return [`    # where it says ${when}:`, isTaken ? line : line.replace(/^ */, '$&# ')];
}

/** Lines for nginx. */
export function nginxDefault(place: Place | null): string {
  const { own, port, isOne, isSix } = socketOf(place);
  const every = choice(`"listen ${port}"`, refusingListen(String(port)), !isOne && !isSix);
  const everySix = choice(`"listen [::]:${port}"`, refusingListen(`[::]:${port}`), !isOne && isSix);
  const one = choice(`"listen ${own}"`, refusingListen(own), isOne);
  return [
    '# How does the locked site listen? The line below has to say the same: another one does nothing, or cuts the site off',
    `#   nginx -T | grep '^[^#]*listen.*\\b${port}\\b'`,
    '# Into a file of its own: /etc/nginx/conf.d/unknown-names.conf (nginx 1.19.4 and later)',
    ...refusingServer(isOne ? [...one, ...every, ...everySix] : [...every, ...everySix, ...one]),
    '# Test and load it: nginx -t && nginx -s reload',
    '# A reload that cannot bind tells so in the error log alone: tail -n 5 /var/log/nginx/error.log',
  ].join('\n');
}

/** Lines for Apache. */
export function apacheDefault(place: Place | null): string {
  const { own, port } = socketOf(place);
  return [
    '# How is the locked site written? The line below has to say the same: another one does nothing, or cuts the site off',
    `#   apachectl -S | grep -w ${port}`,
    `# Where it says ${own} and not *:${port}: <VirtualHost ${own}>`,
    '# The first one answers for every name that no other has, so into a file that is read first:',
    '# /etc/apache2/sites-available/000-catch-all.conf',
    `<VirtualHost *:${port}>`,
    '  ServerName catch-all.invalid',
    '  SSLEngine on',
    '  # any certificate will do; this one names nobody (Debian has it in the package ssl-cert)',
    '  SSLCertificateFile /etc/ssl/certs/ssl-cert-snakeoil.pem',
    '  SSLCertificateKeyFile /etc/ssl/private/ssl-cert-snakeoil.key',
    '  <Location "/">',
    '    Require all denied',
    '  </Location>',
    '</VirtualHost>',
    '# Test and load it: a2ensite 000-catch-all && apachectl configtest && apachectl graceful',
    '# What it could not do then, it tells in: tail -n 5 /var/log/apache2/error.log',
  ].join('\n');
}

/** Lines for HAProxy. */
export function haproxyDefault(place: Place | null): string {
  const { port } = socketOf(place);
  return [
    `# In /etc/haproxy/haproxy.cfg, in the frontend that binds port ${port}; on its bind line: strict-sni`,
    '# after -m str every name that this frontend serves:',
    `http-request return status 421 unless { req.hdr(host),host_only,lower -m str ${place?.host ?? 'www.example.com'} }`,
    '# Test and load it: haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy',
    '# A reload that failed leaves the old one at work: journalctl -u haproxy -n 5',
  ].join('\n');
}

/** Lines for a Caddyfile. */
export function caddyDefault(place: Place | null): string {
  const { own, port, isOne } = socketOf(place);
  const address = own.slice(0, own.lastIndexOf(':')).replaceAll(/[[\]]/g, '');
  return [
    '# In /etc/caddy/Caddyfile, a site of its own',
    `https://:${port} {`,
    '\t# the line "bind" of the locked site, where it has one; else none',
    `\t${isOne ? '' : '# '}bind ${address}`,
    '\ttls internal {',
    '\t\ton_demand',
    '\t}',
    '\trespond 421',
    '}',
    '# Test and load it: caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy',
    '# A reload that failed leaves the old one at work: journalctl -u caddy -n 5',
  ].join('\n');
}
