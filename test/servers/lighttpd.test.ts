import { describeLock } from './lock-suite.ts';

describeLock('lighttpd');
