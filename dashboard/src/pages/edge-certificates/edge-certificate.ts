/** A server certificate as `GET /client/v4/zones/:zone/custom_certificates` has it. */
export interface EdgeCertificate {
  readonly id: string;
  readonly type: 'legacy_custom' | 'sni_custom';
  readonly hosts: readonly string[];
  readonly issuer: string;
  readonly status: 'active' | 'pending' | 'expired';
  readonly priority: number;
  readonly uploaded_on: string;
  readonly expires_on: string;
}

/** Where the API has them. */
export function certificatesPath(zone: string): string {
  return `/client/v4/zones/${zone}/custom_certificates`;
}
