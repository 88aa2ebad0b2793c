import { NGINX_BROKEN } from './cases/nginx-broken.ts';
import { NGINX_LOCKED } from './cases/nginx-locked.ts';
import { NGINX_OPEN } from './cases/nginx-open.ts';
import { hold } from './hold.ts';

hold('nginx', [...NGINX_OPEN, ...NGINX_LOCKED, ...NGINX_BROKEN]);
