export const BASE = `ServerRoot /t
LoadModule ssl_module modules/mod_ssl.so
LoadModule headers_module modules/mod_headers.so
LoadModule macro_module modules/mod_macro.so
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule authz_host_module modules/mod_authz_host.so
LoadModule access_compat_module modules/mod_access_compat.so
LoadModule alias_module modules/mod_alias.so
LoadModule proxy_module modules/mod_proxy.so
LoadModule proxy_http_module modules/mod_proxy_http.so
LoadModule rewrite_module modules/mod_rewrite.so
LoadModule socache_shmcb_module modules/mod_socache_shmcb.so
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
