import { DRIFTED, UNSEEN } from './cases/unseen.ts';
import { hold } from './hold.ts';

hold('nginx', [...UNSEEN, ...DRIFTED]);
