/** The problems of rotations, provoked from outside: see problems.test.ts. */

import type { ProblemCode } from '../../src/domain/problems.ts';
import { writeCertificationRequest } from '../../src/pki/csr.ts';
import { generateKey } from '../../src/pki/keys.ts';
import type { Answer, Control } from './control.ts';

interface Ground {
  readonly call: Control['call'];
  /** Path of the zone. */
  readonly at: string;
  readonly name: string;
}

type Provocation = (ground: Ground) => Promise<Pick<Answer, 'status' | 'errors'>>;

const NOBODY = '0'.repeat(32);

const csr = async () =>
  writeCertificationRequest({ subject: { commonName: 'probe' }, names: [], key: await generateKey() });

async function begun({ call, at }: Ground, body: object = {}): Promise<string> {
  const path = `/postern/v1${at}/rotations`;
  const { result } = await call<{ readonly id: string }>('POST', path, { what: 'leaf', ...body });
  return `${path}/${result.id}`;
}

export const ROTATION_PROVOKED = {
  rotation_running: async (ground) => {
    await begun(ground);
    return ground.call('POST', `/postern/v1${ground.at}/rotations`, { what: 'root' });
  },
  rotation_not_found: ({ call, at }) => call('GET', `/postern/v1${at}/rotations/${NOBODY}`),
  rotation_rehearsal: async (ground) => {
    const path = await begun(ground, { rehearsal: true });
    return ground.call('PATCH', path, { action: 'force', reason: 'a test' });
  },
  rotation_beyond_force: async (ground) => {
    const path = await begun(ground);
    await ground.call('PATCH', path, { action: 'undo' });
    return ground.call('PATCH', path, { action: 'force', reason: 'a test' });
  },
  opening_not_found: ({ call, at }) => call('DELETE', `/postern/v1${at}/openings/www.nobody.test`),
  opening_no_origin: ({ call, at, name }) =>
    call('POST', `/postern/v1${at}/openings`, { hostname: `www.${name}`, seconds: 60, reason: 'a test' }),
  probe_credentials_foreign: async ({ call, at, name }) =>
    call('POST', `/postern/v1${at}/probe_credentials`, { hostname: `www.${name}`, csr: await csr() }),
  attestation_off: ({ call, at }) => call('POST', `/postern/v1${at}/attestations`, {}),
  certificate_not_asked: ({ call, at, name }) =>
    call('POST', `/postern/v1${at}/origin_certificates`, { hostname: `nobody.${name}` }),
  visit_nowhere: ({ call, at, name }) => call('POST', `/postern/v1${at}/edge_visits`, { hostname: `nobody.${name}` }),
  looks_not_paused: ({ call, at }) => call('DELETE', `/postern/v1${at}/attestation_pause`),
  rotation_origin_unknown: async (ground) => {
    const path = await begun(ground);
    return ground.call('PATCH', path, { action: 'force', reason: 'a test', hostnames: ['nobody.test'] });
  },
} as const satisfies Readonly<Partial<Record<ProblemCode, Provocation>>>;

export const ROTATION_OUT_OF_REACH = {
  looks_paused: 'somebody must look at locks: src/control/attest/looks-paused.test.ts',
  certificates_seen_enough: 'it takes many looks: test/api/origin-certificates.test.ts',
  visited_enough: 'it takes many visits of an edge: test/scenarios/edge-visits.test.ts',
  attestation_nothing: 'somebody must look at locks: test/scenarios/attestation.test.ts',
  attestation_too_many: 'somebody must look at locks: src/control/attest/keeping.test.ts',
  bundle_unsigned: 'the key of a root must be lost: test/scenarios/bundle-update.test.ts',
  rotation_over: 'a rotation must end, which takes ticks: src/control/rotation/rotator.test.ts',
  rotation_beyond_undo: 'the old CA must be out of the bundle: src/domain/rotation.test.ts',
  rotation_moved_on: 'somebody must come between two lines of code: src/domain/rotation.test.ts',
  rotation_nothing: 'a zone has a managed certificate from its beginning: src/control/rotation/rotator.test.ts',
} as const satisfies Readonly<Partial<Record<ProblemCode, string>>>;
