import { APACHE_LOCKED, APACHE_OPEN } from './cases/apache.ts';
import { hold } from './hold.ts';

hold('apache', [...APACHE_OPEN, ...APACHE_LOCKED]);
