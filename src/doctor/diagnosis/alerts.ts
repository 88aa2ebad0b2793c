/** What an alert says about the certificate of the caller, whoever sends it. */
interface Alert {
  /** As RFC 8446 §6 and RFC 6066 §3 name it. */
  readonly name: string;
  /** A server that wants a certificate refuses with it, and hardly any other. */
  readonly certificate: boolean;
}

/** Alerts by number. Servers choose among them freely: what each means is known for the common ones only. */
export const ALERTS: Readonly<Record<number, Alert>> = {
  10: { name: 'unexpected_message', certificate: false },
  20: { name: 'bad_record_mac', certificate: false },
  22: { name: 'record_overflow', certificate: false },
  // In TLS 1.2 it stands for "no certificate" as well as for "no cipher": only what was asked tells (RFC 5246 §7.4.6).
  40: { name: 'handshake_failure', certificate: false },
  41: { name: 'no_certificate', certificate: true },
  42: { name: 'bad_certificate', certificate: true },
  43: { name: 'unsupported_certificate', certificate: true },
  44: { name: 'certificate_revoked', certificate: true },
  45: { name: 'certificate_expired', certificate: true },
  46: { name: 'certificate_unknown', certificate: true },
  47: { name: 'illegal_parameter', certificate: false },
  48: { name: 'unknown_ca', certificate: true },
  49: { name: 'access_denied', certificate: true },
  50: { name: 'decode_error', certificate: false },
  51: { name: 'decrypt_error', certificate: false },
  70: { name: 'protocol_version', certificate: false },
  71: { name: 'insufficient_security', certificate: false },
  80: { name: 'internal_error', certificate: false },
  86: { name: 'inappropriate_fallback', certificate: false },
  90: { name: 'user_canceled', certificate: false },
  109: { name: 'missing_extension', certificate: false },
  112: { name: 'unrecognized_name', certificate: false },
  116: { name: 'certificate_required', certificate: true },
  120: { name: 'no_application_protocol', certificate: false },
};
