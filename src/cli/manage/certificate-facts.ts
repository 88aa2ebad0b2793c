/** A client certificate as the API shows it; its key has no view. */
export interface CertificateFacts {
  readonly id: string;
  readonly source: string;
  readonly status: string;
  readonly expires_on: string;
  readonly uploaded_on: string;
  readonly issuer: string;
  /** PEM, the leaf first. */
  readonly certificate: string;
}
