import { STUNNEL } from './cases/stunnel.ts';
import { hold } from './hold.ts';

hold('stunnel', STUNNEL);
