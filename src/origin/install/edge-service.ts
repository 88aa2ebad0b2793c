/** A name that the edge does not serve over TLS, as the control plane says: nothing can be proven for it, and a lock would close it. */
export interface UnservedName {
  readonly name: string;
  /** What the edge does with a visit instead, and why: as in the plan of a hostname. */
  readonly kind: string;
  readonly because: string | null;
  readonly sentence: string;
  /** What mends it: a command, and the page of the dashboard for the same. `null` where neither is known. */
  readonly command: string | null;
  readonly page: string | null;
}

/** Why it is not served, without its name. */
export function whyUnserved({ because, sentence }: Pick<UnservedName, 'because' | 'sentence'>): string {
  return WHY[because ?? ''] ?? sentence;
}

const WHY: Readonly<Record<string, string>> = {
  unknown_hostname: 'has no record, so the edge answers visitors with 404',
  dns_only: 'has no proxied record, so visitors do not come through the edge',
  no_zone: 'lies in no zone of this Postern, so the edge answers visitors with 404',
};
