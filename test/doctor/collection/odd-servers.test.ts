import { LOCKS_OF_APACHE, LOCKS_OF_HAPROXY, LOCKS_OF_NGINX } from './cases/odd-locks.ts';
import { ODD_NGINX } from './cases/odd-applications.ts';
import { ODD_APACHE, ODD_CADDY, ODD_HAPROXY, ODD_NODE } from './cases/odd-servers.ts';
import { hold } from './hold.ts';

hold('nginx', [...ODD_NGINX, ...LOCKS_OF_NGINX]);
hold('apache', [...ODD_APACHE, ...LOCKS_OF_APACHE]);
hold('haproxy', [...ODD_HAPROXY, ...LOCKS_OF_HAPROXY]);
hold('caddy', ODD_CADDY);
hold('node', ODD_NODE);
