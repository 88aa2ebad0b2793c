import { APACHE_LOCKED, APACHE_OPEN } from './cases/apache.ts';
import { CADDY } from './cases/caddy.ts';
import { FURTHER_APACHE } from './cases/further-apache.ts';
import { FURTHER_CADDY } from './cases/further-caddy.ts';
import { FURTHER_HAPROXY } from './cases/further-haproxy.ts';
import { FURTHER_LIGHTTPD } from './cases/further-lighttpd.ts';
import { FURTHER_NGINX } from './cases/further-nginx.ts';
import { FURTHER_NODE } from './cases/further-node.ts';
import { FURTHER_STUNNEL } from './cases/further-stunnel.ts';
import { HAPROXY_LOCKED, HAPROXY_OPEN } from './cases/haproxy.ts';
import { LIGHTTPD } from './cases/lighttpd.ts';
import { NGINX_BROKEN } from './cases/nginx-broken.ts';
import { NGINX_LOCKED } from './cases/nginx-locked.ts';
import { NGINX_OPEN } from './cases/nginx-open.ts';
import { NODE, NODE_20 } from './cases/node.ts';
import { LOCKS_OF_APACHE, LOCKS_OF_HAPROXY, LOCKS_OF_NGINX } from './cases/odd-locks.ts';
import { ODD_APPLICATIONS, ODD_NGINX } from './cases/odd-applications.ts';
import { ODD_APACHE, ODD_CADDY, ODD_HAPROXY, ODD_NODE } from './cases/odd-servers.ts';
import { STUNNEL } from './cases/stunnel.ts';
import { DRIFTED, UNSEEN } from './cases/unseen.ts';
import type { Case, Server } from './case.ts';

/** All cases of a server, wherever they are held. */
export const COLLECTION: Readonly<Record<Server, readonly Case[]>> = {
  nginx: [
    ...NGINX_OPEN,
    ...NGINX_LOCKED,
    ...NGINX_BROKEN,
    ...ODD_APPLICATIONS,
    ...ODD_NGINX,
    ...LOCKS_OF_NGINX,
    ...UNSEEN,
    ...DRIFTED,
    ...FURTHER_NGINX,
  ],
  apache: [...APACHE_OPEN, ...APACHE_LOCKED, ...ODD_APACHE, ...LOCKS_OF_APACHE, ...FURTHER_APACHE],
  haproxy: [...HAPROXY_OPEN, ...HAPROXY_LOCKED, ...ODD_HAPROXY, ...LOCKS_OF_HAPROXY, ...FURTHER_HAPROXY],
  caddy: [...CADDY, ...ODD_CADDY, ...FURTHER_CADDY],
  lighttpd: [...LIGHTTPD, ...FURTHER_LIGHTTPD],
  stunnel: [...STUNNEL, ...FURTHER_STUNNEL],
  node: [...NODE, NODE_20, ...ODD_NODE, ...FURTHER_NODE],
};
