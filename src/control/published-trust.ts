import { BundleManifests } from './bundle-manifests.ts';
import { bundleTexts } from './bundles.ts';
import type { CommitRequest } from './commit.ts';
import type { ControlState } from './control-state.ts';
import { OcspResponder } from './ocsp-responder.ts';
import type { ControlPlane } from './plane.ts';
import { RevocationLists } from './revocation-lists.ts';
import type { InTurn } from './turns.ts';

type Published = Pick<
  ControlPlane,
  'bundle' | 'bundleManifest' | 'revocationLists' | 'revocationList' | 'ocspResponse'
>;

interface PublishedParts {
  readonly inTurn: InTurn;
  readonly change: (request: CommitRequest) => Promise<unknown>;
}

const ACTOR = { token: 'postern', from: 'revocation' };

/** What everybody may learn about whom to trust and what is revoked; `round` has lists signed before anybody must wait. */
export function publishedTrust(
  state: ControlState,
  { inTurn, change }: PublishedParts,
): { readonly published: Published; readonly lists: RevocationLists; readonly round: () => Promise<void> } {
  const bundle = bundleTexts(() => state.installation);
  const manifests = new BundleManifests(state, inTurn, bundle);
  const ocsp = new OcspResponder(state);
  const lists = new RevocationLists({ state, inTurn });
  return {
    published: {
      bundle,
      bundleManifest: (zone) => manifests.of(zone),
      revocationLists: (zone) => lists.of(zone),
      revocationList: (zone, issuer) => lists.one(zone, issuer),
      ocspResponse: (zone, request) => ocsp.answer(zone, request),
    },
    lists,
    round: () =>
      lists.round(({ id: zone }, keys) =>
        change({ zone, command: { kind: 'forget_revocations', keys }, actor: ACTOR }),
      ),
  };
}
