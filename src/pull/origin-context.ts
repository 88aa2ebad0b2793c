import { createSecureContext, DEFAULT_CIPHERS, type SecureContext, type SecureContextOptions } from 'node:tls';
import { COMPLIANCES, type Compliance } from '../domain/compliance.ts';
import type { OriginCheck } from '../domain/plan.ts';

/** What a handshake with an origin must keep to. */
export interface OriginTerms {
  readonly check: OriginCheck;
  readonly compliance: Compliance;
}

/** What is presented to an origin, in PEM. */
export type Presented = Required<Pick<SecureContextOptions, 'cert' | 'key'>>;

/**
 * A TLS context that presents what is given, or nothing, and is bound by the terms. `originCa`, in PEM, is believed wherever
 * the public CAs are.
 */
export function originContext(
  presented: Presented | null,
  { check, compliance }: OriginTerms,
  originCa: string | null,
): SecureContext {
  const cas = check.kind === 'strict' && check.cas.length > 0 ? { ca: check.cas.map((ca) => ca.pem) } : {};
  const context = createSecureContext({ ...keyExchange(compliance), ...cas, ...presented });
  if (check.kind === 'strict' && check.cas.length === 0 && originCa !== null) believeToo(context, originCa);
  return context;
}

function keyExchange(compliance: Compliance): SecureContextOptions {
  const { groups, modes } = COMPLIANCES[compliance];
  if (groups === null) return { minVersion: 'TLSv1.2' };
  return {
    ecdhCurve: groups.join(':'),
    // TLS 1.2 has no hybrids, and key exchanges that name no group at all (RSA, DHE) would go around the list.
    minVersion: modes.some((mode) => mode === 'pqh') ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: `${DEFAULT_CIPHERS}:!kRSA:!kDHE`,
  };
}

// Handing over all public roots and one more as `ca` takes 12 ms and 1.3 MB for each context. Node's own handle adds one
// to the roots that all contexts share, for 0.2 ms and 10 KB.
function believeToo({ context }: { readonly context: NativeContext }, pem: string): void {
  context.addCACert(pem);
}

interface NativeContext {
  readonly addCACert: (pem: string) => void;
}
