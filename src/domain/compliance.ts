/** Cloudflare's names for what limits the key exchange between edge and origin. */
export const COMPLIANCE_MODES = ['fips', 'pqh'] as const;
export type ComplianceMode = (typeof COMPLIANCE_MODES)[number];

/** What holds for pulls of a zone under a set of modes. */
interface ComplianceRow {
  readonly modes: readonly ComplianceMode[];
  /** TLS groups that may be offered, in order; `null` for all that TLS has. Names as IANA and OpenSSL have them. */
  readonly groups: readonly string[] | null;
}

/**
 * `fips`: the curves of NIST, alone or joined with ML-KEM (FIPS 203). `pqh`: hybrids with ML-KEM, which only TLS 1.3
 * has. Both: what is in both lists. X25519MLKEM768 is not, because half of it is a curve that FIPS 186-5 does not name.
 */
export const COMPLIANCES = {
  none: { modes: [], groups: null },
  fips: { modes: ['fips'], groups: ['P-256', 'P-384', 'P-521', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'] },
  pqh: { modes: ['pqh'], groups: ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'] },
  fips_pqh: { modes: ['fips', 'pqh'], groups: ['SecP256r1MLKEM768', 'SecP384r1MLKEM1024'] },
} as const satisfies Record<string, ComplianceRow>;

/** A set of modes in its one spelling. */
export type Compliance = keyof typeof COMPLIANCES;

export const COMPLIANCE_SETS: readonly Compliance[] = ['none', 'fips', 'pqh', 'fips_pqh'];

/** The set of these modes; `null` where one of them is none. Order and repetition do not matter. */
export function complianceOf(modes: readonly unknown[]): Compliance | null {
  const wanted = new Set(modes);
  const fits = (compliance: Compliance): boolean => {
    const { modes: own }: ComplianceRow = COMPLIANCES[compliance];
    return own.length === wanted.size && own.every((mode) => wanted.has(mode));
  };
  return COMPLIANCE_SETS.find(fits) ?? null;
}
