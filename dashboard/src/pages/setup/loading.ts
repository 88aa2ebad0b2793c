import { quoted } from '../../api/curl.ts';
import type { OriginConfig } from './origin-config.ts';

/** How a configuration comes into force at an origin, once its files are there. */
export interface Loading {
  /** Where it goes, and what to look at before. */
  readonly says: string;
  /** What to type on the origin; `null` where that depends on how the server is run. */
  readonly command: string | null;
}

/** A file of the lock, as a shell takes it. */
type Way = (file: string, mode: OriginConfig['mode']) => Loading;

const CADDYFILE = '/etc/caddy/Caddyfile';
const HAPROXY = '/etc/haproxy/haproxy.cfg';
const HAPROXY_DEFAULTS = '/etc/default/haproxy';

/** Parts that are included into what is there, with the places of Debian and its like. */
const PARTS: Readonly<Record<string, Way>> = {
  nginx: (file, mode) =>
    linked(file, mode, {
      directory: '/etc/nginx/sites-enabled/',
      load: 'nginx -t && nginx -s reload',
      block: 'server block',
      strangers:
        'Where none of several blocks at one address says default_server, the first that is read answers for names that nobody claims: let this one be read behind the one that does so now.',
    }),
  apache: (file, mode) =>
    linked(file, mode, {
      directory: '/etc/apache2/sites-enabled/',
      load: 'apachectl configtest && apachectl graceful',
      block: 'virtual host',
      strangers:
        'The first virtual host at an address that is read answers for names that nobody claims: let this one be read behind the one that does so now.',
    }),
  caddy: (file) => ({
    says: `Then import it at the end of the Caddyfile (on Debian ${CADDYFILE}), outside of any site, take the site of the same name out, and have Caddy test and load it.`,
    command: `{ grep -qxF "import "${file} ${CADDYFILE} || echo "import "${file} >> ${CADDYFILE}; } && caddy validate --config ${CADDYFILE} && caddy reload --config ${CADDYFILE}`,
  }),
  haproxy: (file) => ({
    says: `Then have HAProxy read it behind its own file. On Debian, EXTRAOPTS in ${HAPROXY_DEFAULTS} names further files; what stands there takes a restart, later changes of the file a reload.`,
    command: `haproxy -c -f ${HAPROXY} -f ${file} && if grep -qsF ${file} ${HAPROXY_DEFAULTS}; then systemctl reload haproxy; else echo 'EXTRAOPTS="-S /run/haproxy-master.sock -f '${file}'"' >> ${HAPROXY_DEFAULTS} && systemctl restart haproxy; fi`,
  }),
};

interface Linking {
  readonly directory: string;
  readonly load: string;
  /** What the server calls the configuration of one site. */
  readonly block: string;
  /** Who answers for names that nobody claims. */
  readonly strangers: string;
}

function linked(file: string, mode: OriginConfig['mode'], { directory, load, block, strangers }: Linking): Loading {
  const command = `ln -sf ${file} ${directory} && ${load}`;
  if (mode === 'enforce')
    return {
      says: `Then have the server test and load it; it is included as before (on Debian by ${directory}).`,
      command,
    };
  return {
    says: `First take out the ${block} that is there for these names; what it did in its locations goes into this one. Then include this one (on Debian, ${directory} is read), and have the server test and load it. ${strangers}`,
    command,
  };
}

const OWN_PROCESS =
  'It is a whole configuration: run it as a process of its own, or in place of the one that is there.';
const APPLIED = 'Then have the cluster test it, and take it.';
const applied: Way = (file) => ({
  says: APPLIED,
  command: `kubectl apply --dry-run=server -f ${file} && kubectl apply -f ${file}`,
});

/** Whole configurations. */
const WHOLE: Readonly<Record<string, Way>> = {
  nginx: (file) => ({ says: OWN_PROCESS, command: `nginx -t -c ${file} && nginx -c ${file}` }),
  apache: (file) => ({ says: OWN_PROCESS, command: `apache2 -t -f ${file} && apache2 -f ${file}` }),
  caddy: (file) => ({
    says: OWN_PROCESS,
    command: `caddy validate --adapter caddyfile --config ${file} && caddy start --adapter caddyfile --config ${file}`,
  }),
  haproxy: (file) => ({ says: OWN_PROCESS, command: `haproxy -c -f ${file} && haproxy -W -D -f ${file}` }),
  lighttpd: (file) => ({
    says: `${OWN_PROCESS} It needs mod_openssl (on Debian the package lighttpd-mod-openssl). In place of the one of Debian it is linked to /etc/lighttpd/lighttpd.conf; lighttpd takes a new one by a restart.`,
    command: `lighttpd -tt -f ${file} && lighttpd -f ${file}`,
  }),
  node: (file) => ({
    says: 'It is a program: run it as a service of its own, and start it again after each change.',
    command: `node ${file}`,
  }),
  stunnel: (file) => ({ says: `${OWN_PROCESS} On Debian the program is stunnel4.`, command: `stunnel ${file}` }),
  envoy: (file) => ({ says: OWN_PROCESS, command: `envoy --mode validate -c ${file} && envoy -c ${file}` }),
  traefik: () => ({
    says: 'Then put it where the file provider of Traefik looks (providers.file.directory), under a name that ends in .yml: Traefik reads it by itself.',
    command: null,
  }),
  'ingress-nginx': applied,
  'gateway-api': applied,
  'aws-alb': (file) => ({
    says: 'It is a script for the AWS command line, to be run where that may change the load balancer; it says which other names it needs.',
    command: `LISTENER_ARN=… BUCKET=… sh ${file}`,
  }),
};

const AS_WRITTEN: Loading = {
  says: 'Then have the server test and load it: its first lines say how.',
  command: null,
};

/** How this configuration comes into force. */
export function loadingOf({ server, files, mode }: OriginConfig, isPart: boolean): Loading {
  const path = files.find(({ what }) => what === 'configuration')?.path;
  const way = (isPart ? PARTS : WHOLE)[server];
  if (way === undefined || path === undefined) return AS_WRITTEN;
  const { says, command } = way(quoted(path), mode);
  const readable = server === 'caddy' && isPart ? keysFor('caddy', files) : '';
  return { says, command: command === null ? null : `${readable}${command}` };
}

// Debian's Caddy is not root when it reads them.
function keysFor(user: string, files: OriginConfig['files']): string {
  const keys = files.filter(({ what, text }) => what === 'server_key' && text === null).map(({ path }) => quoted(path));
  return keys.length === 0 ? '' : `chgrp ${user} ${keys.join(' ')} && chmod 640 ${keys.join(' ')} && `;
}
