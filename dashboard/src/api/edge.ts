import type { View } from '../../../src/wire/answer-fields.ts';
import type { EDGE } from '../../../src/wire/edge-view.ts';

/** An edge, as `GET /postern/v1/edges` has it. */
export type Edge = View<typeof EDGE>;

/** Where an edge takes visitors. */
export type EdgeListening = NonNullable<Edge['listening']>;
