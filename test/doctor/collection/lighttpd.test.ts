import { LIGHTTPD } from './cases/lighttpd.ts';
import { hold } from './hold.ts';

hold('lighttpd', LIGHTTPD);
