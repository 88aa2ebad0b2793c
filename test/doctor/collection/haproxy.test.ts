import { HAPROXY_LOCKED, HAPROXY_OPEN } from './cases/haproxy.ts';
import { hold } from './hold.ts';

hold('haproxy', [...HAPROXY_OPEN, ...HAPROXY_LOCKED]);
