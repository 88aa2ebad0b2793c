import { ODD_APPLICATIONS } from './cases/odd-applications.ts';
import { hold } from './hold.ts';

hold('nginx', ODD_APPLICATIONS);
