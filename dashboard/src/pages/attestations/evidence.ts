import type { View } from '../../../../src/wire/answer-fields.ts';
import type { ATTESTATION_DETAIL } from '../../../../src/wire/attestations.ts';

export type AttestationDetail = View<typeof ATTESTATION_DETAIL>;

export type Evidence = NonNullable<AttestationDetail['evidence']>;

export type Finding = Evidence['findings'][number];
