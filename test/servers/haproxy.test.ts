import { describeLock } from './lock-suite.ts';
import { describeRevocation } from './revocation-suite.ts';
import { describeSeveral } from './several-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('haproxy');
describeVariants('haproxy');
describeRevocation('haproxy');
describeSeveral('haproxy');
