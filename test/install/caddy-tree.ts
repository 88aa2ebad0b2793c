import type { TreeFiles, TreePlaces } from './nginx-tree.ts';

/** Caddy as its package lays it out: a Caddyfile that imports one file for each site. */
export function packagedCaddy({ directory, tls, http, app, otherApp, certificate }: TreePlaces): TreeFiles {
  return {
    'tls/site.pem': certificate.cert,
    'tls/site.key': certificate.key,
    'server.conf': `# The Caddyfile
{
	admin unix/${directory}/sockets-admin
	storage file_system {
		root ${directory}/state-caddy
	}
	auto_https off
	https_port ${tls}
	http_port ${http}
	default_bind 127.0.0.1
}

(common) {
	encode gzip
}

import sites/*.caddy
`,
    'sites/other.caddy': `other.test {
	tls ${directory}/tls/site.pem ${directory}/tls/site.key
	reverse_proxy 127.0.0.1:${otherApp}
}
`,
    'sites/www.caddy': `http://www.example.test, http://example.test {
	redir https://{host}{uri} permanent
}

www.example.test, example.test {
	import common
	tls ${directory}/tls/site.pem ${directory}/tls/site.key # the "site"
	header X-Shop "a } b"
	reverse_proxy 127.0.0.1:${app}
}
`,
  };
}
