import { WholeFingerprint } from './fingerprint.tsx';
import type { Deed } from './guarded.tsx';

/** Where the CAs stand that a zone's origins are verified against. */
export function trustStore(zone: string): string {
  return `/client/v4/zones/${zone}/acm/custom_trust_store`;
}

/** What is to be trusted. */
interface ToTrust {
  /** In PEM. */
  readonly certificate: string;
  /** `this CA`, or `this certificate`. */
  readonly what: string;
  readonly fingerprint?: string;
  /** Why nothing has to be compared. */
  readonly known?: string;
}

/** Has the edge believe it for the origins of a zone; what they show now is looked at before. */
export function trusting(zone: string, { certificate, what, fingerprint, known }: ToTrust): Deed {
  return {
    title: `Trust ${what}`,
    act: 'Trust it',
    done: 'The edge believes it.',
    call: { method: 'POST', path: trustStore(zone), body: { certificate } },
    change: { kind: 'trusted_ca_add', certificate },
    // Whom one trusts is worth a second look, also where nothing breaks.
    final: true,
    brief: `The edge then believes ${what} for the origins of this zone. Public CAs no longer count there.`,
    ...(known === undefined ? {} : { about: known }),
    ...(fingerprint === undefined || known !== undefined ? {} : { more: <Compared fingerprint={fingerprint} /> }),
  };
}

function Compared({ fingerprint }: { readonly fingerprint: string }) {
  return (
    <p>
      Trust it only if you compared its SHA-256: <WholeFingerprint sha256={fingerprint} />
    </p>
  );
}
