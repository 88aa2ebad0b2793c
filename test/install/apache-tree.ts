import type { TreeFiles, TreePlaces } from './nginx-tree.ts';

const MODULES = '/usr/lib/apache2/modules';

/** Apache as Debian lays it out: mods-enabled, conf-enabled, sites-available and links to it, ports.conf. */
export function debianApache({ directory, tls, http, app, otherApp, certificate }: TreePlaces): TreeFiles {
  const modules = [
    'mpm_event',
    'authz_core',
    'authz_host',
    'alias',
    'socache_shmcb',
    'ssl',
    'proxy',
    'proxy_http',
    'headers',
    'setenvif',
    'rewrite',
    'dir',
  ];
  const loading = Object.fromEntries(
    modules.map((name) => [`mods-enabled/${name}.load`, `LoadModule ${name}_module ${MODULES}/mod_${name}.so\n`]),
  );
  return {
    ...loading,
    'tls/site.pem': certificate.cert,
    'tls/site.key': certificate.key,
    'www/index.html': 'the default page\n',
    'server.conf': `# as apache2.conf
ServerRoot "${directory}"
DefaultRuntimeDir "${directory}"
PidFile "${directory}/apache.pid"
ErrorLog "${directory}/error.log"
LogLevel warn
Timeout 300
ServerName default.test

IncludeOptional mods-enabled/*.load
IncludeOptional mods-enabled/*.conf
Include ports.conf

<Directory />
\tOptions FollowSymLinks
\tAllowOverride None
\tRequire all denied
</Directory>
<Directory ${directory}/www>
\tRequire all granted
</Directory>

IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
`,
    'ports.conf': `Listen 127.0.0.1:${http}
<IfModule ssl_module>
\tListen 127.0.0.1:${tls}
</IfModule>
<IfModule mod_gnutls.c>
\tListen 443
</IfModule>
`,
    'mods-enabled/ssl.conf': 'SSLSessionCache none\nSSLProtocol all -SSLv3\n',
    'conf-enabled/security.conf': 'ServerTokens Prod\n',
    'sites-available/000-default.conf': `<VirtualHost *:${http}>
\tDocumentRoot ${directory}/www
</VirtualHost>
`,
    'sites-available/other.test.conf': `<IfModule mod_ssl.c>
<VirtualHost *:${tls}>
\tServerName other.test
\tSSLEngine on
\tSSLCertificateFile ${directory}/tls/site.pem
\tSSLCertificateKeyFile ${directory}/tls/site.key
\tProxyPass "/" "http://127.0.0.1:${otherApp}/"
</VirtualHost>
</IfModule>
`,
    'sites-available/www.example.test.conf': `# the shop
<VirtualHost *:${http}>
\tServerName www.example.test
\tServerAlias example.test
\tRedirect permanent / https://www.example.test/
</VirtualHost>

<VirtualHost *:${tls}>
\tServerName www.example.test
\tServerAlias \\
\t\texample.test
\tSSLEngine on
\tSSLCertificateFile ${directory}/tls/site.pem
\tSSLCertificateKeyFile ${directory}/tls/site.key
\tProxyPreserveHost On
\tProxyPass "/" "http://127.0.0.1:${app}/"
\t<Location "/private">
\t\tRequire all denied
\t</Location>
</VirtualHost>
`,
    'sites-enabled/000-default.conf': '-> ../sites-available/000-default.conf',
    'sites-enabled/other.test.conf': `-> ${directory}/sites-available/other.test.conf`,
    'sites-enabled/www.example.test.conf': '-> ../sites-available/www.example.test.conf',
  };
}
