/** A SHA-256 as OpenSSL prints it, so that two can be compared. */
export function comparable(fingerprint: string): string {
  return (fingerprint.match(/../g) ?? []).join(':').toUpperCase();
}
