import { execFileSync } from 'node:child_process';

const ASKED = ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null'];

/** A request for a certificate of a key that is thrown away, in PEM, as openssl makes it. */
export function signingRequest(commonName: string): string {
  return execFileSync('openssl', [...ASKED, '-subj', `/CN=${commonName}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
