import type { Rule } from '../ruling.ts';

/** The edge would not talk to the origin, whoever the origin lets in. */
export const disbelief: Rule = ({ unbelieved }) =>
  unbelieved === null ? [] : [{ code: 'origin_not_believed', effect: 'broken', detail: unbelieved, evidence: [] }];
