import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { NODE, NODE_20 } from './cases/node.ts';
import { hold } from './hold.ts';

// Where Debian puts its own, beside the one that runs this.
const DEBIAN = '/usr/bin/node';
const isOld = existsSync(DEBIAN) && execFileSync(DEBIAN, ['--version']).toString().startsWith('v20.');

hold('node', [...NODE, ...(isOld ? [{ ...NODE_20, program: DEBIAN }] : [])]);
