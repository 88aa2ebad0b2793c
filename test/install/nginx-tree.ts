import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Credential } from '../support/knock.ts';

/** What the tree of a test needs to know. */
export interface TreePlaces {
  readonly directory: string;
  readonly tls: number;
  readonly http: number;
  readonly app: number;
  readonly otherApp: number;
  readonly certificate: Credential;
}

/** Files below a directory; a value that begins with `->` is a symbolic link. */
export type TreeFiles = Readonly<Record<string, string>>;

/** Writes the files and links of a tree. */
export function writeTree(directory: string, files: TreeFiles): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice('-> '.length), path);
    else writeFileSync(path, text, { mode: name.endsWith('.key') ? 0o600 : 0o644 });
  }
}

/** nginx as Debian lays it out: sites-available and links to it, conf.d, snippets; two sites, of which one is `www.example.test`. */
export function debianNginx({ directory, tls, http, app, otherApp, certificate }: TreePlaces): TreeFiles {
  return {
    'tls/site.pem': certificate.cert,
    'tls/site.key': certificate.key,
    'www/index.html': 'the default page\n',
    'server.conf': `worker_processes 1;
error_log ${directory}/error.log info;
pid ${directory}/nginx.pid;
include modules-enabled/*.conf;

events {
\tworker_connections 64;
}

http {
\taccess_log off;
\ttypes { text/html html; }
\tserver_names_hash_bucket_size 128;
\tclient_body_temp_path ${directory}/tmp-body;
\tproxy_temp_path ${directory}/tmp-proxy;
\tfastcgi_temp_path ${directory}/tmp-fastcgi;
\tuwsgi_temp_path ${directory}/tmp-uwsgi;
\tscgi_temp_path ${directory}/tmp-scgi;
\tssl_protocols TLSv1.2 TLSv1.3; # Dropping SSLv3, ref: POODLE
\tinclude ${directory}/conf.d/*.conf;
\tinclude ${directory}/sites-enabled/*;
}
`,
    'conf.d/upstreams.conf': `upstream site_app {
    server 127.0.0.1:${app};
    keepalive 4;
}
`,
    'snippets/tls.conf': `# as certbot leaves it
ssl_session_timeout 1440m;
ssl_certificate ${directory}/tls/site.pem;
ssl_certificate_key ${directory}/tls/site.key;
`,
    'sites-available/default': `server {
    listen 127.0.0.1:${http} default_server;
    root ${directory}/www;
    server_name _;
    location / { try_files $uri $uri/ =404; }
}
`,
    'sites-available/www.example.test': `# the shop
server {
    listen 127.0.0.1:${http};
    server_name www.example.test example.test;
    return 301 https://$host$request_uri;
}

server {
    listen 127.0.0.1:${tls} ssl http2;
    server_name www.example.test example.test;
    include snippets/tls.conf;

    location / {
        proxy_pass http://site_app; # the "shop"
        proxy_set_header Host $host;
    }
    location ~ "\\.php(/|$)" { return 404; }
}
`,
    'sites-available/other.test': `server {
    listen 127.0.0.1:${tls} ssl;
    server_name other.test;
    include snippets/tls.conf;
    location / { proxy_pass http://127.0.0.1:${otherApp}; }
}
`,
    'sites-enabled/default': '-> ../sites-available/default',
    'sites-enabled/other.test': `-> ${directory}/sites-available/other.test`,
    'sites-enabled/www.example.test': '-> ../sites-available/www.example.test',
  };
}
