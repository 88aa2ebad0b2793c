/** What the codes of edges mean, where their names alone do not say it. */
const WORDS: Readonly<Record<string, string>> = {
  identity_refused: 'The origin refused the certificate, or that there was none',
  connection_refused: 'Nothing listens at the origin',
  connect_timeout: 'The origin did not answer in time',
  unreachable: 'The origin cannot be reached',
  name_unresolved: 'The name of the origin has no address',
  address_forbidden: 'The address of the origin is one that edges may not use',
  origin_not_verified: 'The certificate of the origin does not hold',
  redirect: 'Sent to the other scheme',
  blocked: 'Turned away by an access rule',
  rate_limited: 'Turned away by a rate limit',
};

/** Why something ended as it did, in words. */
export function reasonText(reason: string): string {
  const words = Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined;
  const text = reason.replaceAll('_', ' ');
  return words ?? text.charAt(0).toUpperCase() + text.slice(1);
}
