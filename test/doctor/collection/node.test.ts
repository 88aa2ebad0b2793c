import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { NODE, NODE_20 } from './cases/node.ts';
import { hold } from './hold.ts';

// Where Debian puts its own, beside the one that runs this.
const DEBIAN = '/usr/bin/node';
const version = existsSync(DEBIAN) ? execFileSync(DEBIAN, ['--version']).toString().trim() : 'not there';
const held = { ...NODE_20, program: DEBIAN };

hold('node', [...NODE, version.startsWith('v20.') ? held : { ...held, skip: `${DEBIAN} is ${version}, not Node 20` }]);
