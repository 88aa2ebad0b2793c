// The compiler leaves JavaScript alone: the parts of the program that `postern origin config node` prints are copied.
import { cpSync } from 'node:fs';

const FROM = new URL('../src/origin/generate/node/', import.meta.url);
const TO = new URL('../dist/origin/generate/node/', import.meta.url);

cpSync(FROM, TO, { recursive: true });
