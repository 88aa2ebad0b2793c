import { describeLock } from './lock-suite.ts';
import { describeRevocation } from './revocation-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('stunnel');
describeVariants('stunnel');
describeRevocation('stunnel');
