/** A policy whose texts lie in files: how `--bundle`, `--crl` and `--also-trust` are read, and read again. */

import type { Instant } from '../domain/ids.ts';
import { readBoundedFile } from '../files/bounded-file.ts';
import { type LockPolicy, lockPolicy } from './policy.ts';
import type { PolicyRequest } from './policy-request.ts';
import { type PolicyField, type PolicyProblem, policyProblem } from './policy-problems.ts';

const TEXTS = ['bundle', 'crl', 'alsoTrust', 'alsoTrustCrl'] as const;
type TextField = (typeof TEXTS)[number];

/** A request whose `bundle`, `crl`, `alsoTrust` and `alsoTrustCrl` are paths. */
export type PolicyFiles = PolicyRequest;

const MOST_BYTES: Readonly<Record<TextField, number>> = {
  bundle: 256 * 1024,
  alsoTrust: 256 * 1024,
  crl: 16 * 1024 * 1024,
  alsoTrustCrl: 16 * 1024 * 1024,
};

/** The policy in the files as they are now, or the first that is to blame. */
export function readPolicy(files: PolicyFiles, now: Instant): LockPolicy | PolicyProblem {
  let request: PolicyRequest = files;
  for (const field of TEXTS) {
    const path = files[field];
    if (path === undefined && field !== 'bundle') continue;
    // JavaScript lets anything come in here.
    if (typeof path !== 'string') return policyProblem('missing', field);
    const text = readText(field, path);
    if (typeof text !== 'string') return text;
    request = { ...request, [field]: text };
  }
  return lockPolicy(request, now);
}

/** The paths, for whoever watches them. */
export function policyPaths(files: PolicyFiles): readonly string[] {
  return TEXTS.map((field) => files[field]).filter((path) => typeof path === 'string');
}

function readText(field: TextField, path: string): string | PolicyProblem {
  const bytes = readBytes(field, path, MOST_BYTES[field]);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const text = bytes.toString('utf8');
  return text.trim() === '' ? policyProblem('empty', field, path) : text;
}

/** The bytes of a file that a policy names, or what is wrong with it. */
export function readBytes(field: PolicyField, path: string, most: number): Buffer | PolicyProblem {
  const file = readBoundedFile(path, most);
  if (file.kind === 'bytes') return file.bytes;
  if (file.kind === 'too_large') return policyProblem('too_large', field, path);
  if (file.kind !== 'unreadable') return policyProblem('unreadable', field, `${path}: not a file`);
  const { code = 'unreadable' } = file.error;
  return code === 'ENOENT'
    ? policyProblem('missing', field, path)
    : policyProblem('unreadable', field, `${path}: ${code}`);
}
