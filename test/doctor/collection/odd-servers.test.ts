import { ODD_NGINX } from './cases/odd-applications.ts';
import { ODD_APACHE, ODD_CADDY, ODD_HAPROXY, ODD_NODE } from './cases/odd-servers.ts';
import { hold } from './hold.ts';

hold('nginx', ODD_NGINX);
hold('apache', ODD_APACHE);
hold('haproxy', ODD_HAPROXY);
hold('caddy', ODD_CADDY);
hold('node', ODD_NODE);
