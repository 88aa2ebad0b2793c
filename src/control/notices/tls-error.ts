const TLS_ERROR = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/** Whether an error's code says that TLS itself failed, most often because a certificate could not be verified. */
export function isTlsError(code: string): boolean {
  return TLS_ERROR.test(code);
}
