export const BASE = `ServerRoot /t
LoadModule ssl_module modules/mod_ssl.so
LoadModule headers_module modules/mod_headers.so
LoadModule macro_module modules/mod_macro.so
Listen 443
`;
export const TLS = 'SSLEngine on\nSSLCertificateFile site.pem\nSSLCertificateKeyFile site.key\nSSLSessionTickets off';
export const LOCK = 'SSLCACertificateFile edge.pem\nSSLVerifyClient require';
export const APP = 'ProxyPass / http://127.0.0.1:3000/';

export function site(name: string, ...lines: readonly string[]): string {
  return `<VirtualHost *:443>\nServerName ${name}\n${TLS}\n${lines.join('\n')}\n</VirtualHost>\n`;
}

export const OPEN = ['a.test *:443 open'];
export const LOCKED = ['a.test *:443 locked'];
export const EXPR = `Require expr "%{SSL_CLIENT_VERIFY} == 'SUCCESS'"`;
