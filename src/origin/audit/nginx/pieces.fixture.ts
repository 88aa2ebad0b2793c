/** Pieces of configurations of nginx, of which the cases are made. */

export const CERT = 'ssl_certificate site.pem; ssl_certificate_key site.key;';
export const APP = 'location / { proxy_pass http://127.0.0.1:3000; }';
export const LOCK = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';
export const REST = 'server { listen 443 ssl default_server; server_name _; ssl_reject_handshake on; return 421; }';

/** `http { }` with one locked site, and whatever stands beside it. */
export function http(inner: string): string {
  return `events {}\nhttp {\n${inner}\n}\n`;
}

export function site(inner: string, listen = 'listen 443 ssl;'): string {
  return `server { ${listen} server_name a.test; ${CERT}\n${inner}\n}`;
}
