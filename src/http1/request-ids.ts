import { randomBytes } from 'node:crypto';

/** Ids for requests: 8 random hex digits for the process and 8 that count. Unique in practice, and cheap. */
export function requestIds(): () => string {
  const prefix = randomBytes(4).toString('hex');
  let count = randomBytes(3).readUIntBE(0, 3);
  return () => {
    count = (count + 1) % 0x1_0000_0000;
    return prefix + count.toString(16).padStart(8, '0');
  };
}
