/** The problems of revocation, provoked from outside: see problems.test.ts. */

import type { ProblemCode } from '../../src/domain/problems.ts';
import { readBundle } from '../../src/pki/bundle.ts';
import type { Answer, Control } from './control.ts';

interface Ground {
  readonly control: Control;
  readonly call: Control['call'];
  /** Path of the zone. */
  readonly at: string;
  readonly upload: () => Promise<{ readonly certificate: string; readonly private_key: string }>;
}

type Provocation = (ground: Ground) => Promise<Pick<Answer, 'status' | 'errors'>>;

export const REVOCATION_PROVOKED = {
  revoke_presented: async ({ call, at }) => {
    const { result } = await call<readonly { id: string }[]>('GET', `/postern/v1${at}/identities?level=zone`);
    return call('POST', `/postern/v1${at}/revocations`, { certificate_id: result[0]?.id });
  },
  not_issued_here: async ({ call, at, upload }) => {
    const { result } = await call<{ id: string }>('POST', `${at}/origin_tls_client_auth`, await upload());
    return call('POST', `/postern/v1${at}/revocations`, { certificate_id: result.id });
  },
  authority_in_use: async ({ control, call, at }) => {
    const bundle = await fetch(`${control.base}/ssl/static${at}/authenticated_origin_pull_ca.pem`);
    const [root] = readBundle(await bundle.text());
    return call('POST', `/postern/v1${at}/revocations`, { serial: `0x${root?.serial}` });
  },
} as const satisfies Readonly<Partial<Record<ProblemCode, Provocation>>>;

export const REVOCATION_OUT_OF_REACH = {
  certificate_revoked: 'the key of what a zone can revoke never leaves it: src/domain/revocation.test.ts',
  list_unavailable: 'the key of a CA must be lost: src/control/revocation-lists.test.ts',
} as const satisfies Readonly<Partial<Record<ProblemCode, string>>>;
