import { NODE } from './cases/node.ts';
import { hold } from './hold.ts';

hold('node', NODE);
