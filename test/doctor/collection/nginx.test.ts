import { NGINX_OPEN } from './cases/nginx-open.ts';
import { hold } from './hold.ts';

hold('nginx', [...NGINX_OPEN]);
