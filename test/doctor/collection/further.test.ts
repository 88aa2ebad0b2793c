import { FURTHER_APACHE } from './cases/further-apache.ts';
import { FURTHER_CADDY } from './cases/further-caddy.ts';
import { FURTHER_HAPROXY } from './cases/further-haproxy.ts';
import { FURTHER_LIGHTTPD } from './cases/further-lighttpd.ts';
import { FURTHER_NGINX } from './cases/further-nginx.ts';
import { FURTHER_NODE } from './cases/further-node.ts';
import { FURTHER_STUNNEL } from './cases/further-stunnel.ts';
import { hold } from './hold.ts';

hold('nginx', FURTHER_NGINX);
hold('apache', FURTHER_APACHE);
hold('haproxy', FURTHER_HAPROXY);
hold('caddy', FURTHER_CADDY);
hold('lighttpd', FURTHER_LIGHTTPD);
hold('stunnel', FURTHER_STUNNEL);
hold('node', FURTHER_NODE);
