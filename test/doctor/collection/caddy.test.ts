import { CADDY } from './cases/caddy.ts';
import { hold } from './hold.ts';

hold('caddy', CADDY);
