import type { TreeFiles, TreePlaces } from './nginx-tree.ts';

/** HAProxy as Debian lays it out, with one frontend for two names over TLS and over plain HTTP. */
export function debianHaproxy({ directory, tls, http, app, certificate }: TreePlaces): TreeFiles {
  return {
    'tls/site.pem': certificate.cert + certificate.key,
    'server.conf': `global
\tlog stdout format raw local0 # as it comes
\tmaxconn 200
\tssl-default-bind-options ssl-min-ver TLSv1.2

defaults
\tlog\tglobal
\tmode\thttp
\ttimeout connect 5000
\ttimeout client  50000
\ttimeout server  50000

frontend www
\tbind 127.0.0.1:${http}
\tbind 127.0.0.1:${tls} ssl crt ${directory}/tls/site.pem verify none alpn h2,http/1.1   # the "site"
\tacl shop hdr(host) -i www.example.test example.test
\thttp-request set-header X-Forwarded-Proto https if { ssl_fc }
\tuse_backend app if shop
\tdefault_backend nothing

backend app
\tserver one 127.0.0.1:${app}

backend nothing
\thttp-request return status 404
`,
  };
}
