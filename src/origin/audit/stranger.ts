/** What a caller is free to choose, beside the certificate. */
export interface Freedom {
  /** The names in a certificate of his own. */
  readonly names: boolean;
  /** Header fields, cookies, arguments. */
  readonly fields: boolean;
  /** The address he comes from: edges' addresses are shared by all their customers. */
  readonly address: boolean;
}

/** Whoever tries everything. */
export const FREE: Freedom = { names: true, fields: true, address: true };

/** Whoever sends a plain request, and nothing that he would have to know. */
export const PLAIN: Freedom = { names: false, fields: false, address: false };

/** With what certificate somebody comes, as the server sees it in the end. */
export type Shown =
  | 'none'
  /** One that he made himself. */
  | 'self_made'
  /** One of an authority that is trusted, and not the edge's: its fingerprint is another. */
  | 'neighbour'
  /** The edge's own: of its fingerprint and names nothing is known. */
  | 'edge';
