/** Looks of Postern's own say who they are; the command that installs a lock also asks for a page that nobody else asks for. */
const AGENT = /^Postern-(?:Attestation|Doctor|Proof)(?:\/|$)/;
const PROOF_PATH = '/.well-known/postern-proof-';

/**
 * Whether a request is a look of Postern's own, by what it says of itself. A stranger can say the same: nothing may follow
 * from it but that a visitor is not told of.
 */
export function saysOwnLook(agent: string, path: string): boolean {
  return path.startsWith(PROOF_PATH) || AGENT.test(agent);
}
