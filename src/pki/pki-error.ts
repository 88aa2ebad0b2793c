/** What can be wrong with keys, certificates and PEM texts that people hand in: code → sentence. */
const PKI_ERRORS = {
  pem_too_large: 'The PEM text is larger than 256 KiB',
  pem_too_many_blocks: 'The PEM text has more than 100 blocks',
  pem_malformed_boundary: 'A BEGIN or END line is malformed',
  pem_unexpected_end: 'An END line stands without its BEGIN line',
  pem_unclosed: 'A block has no END line of its own',
  pem_bad_base64: 'A block is not valid base64',
  pem_empty: 'There is no PEM block in the text',
  pem_unexpected_block: 'A block of another kind was expected',
  key_encrypted: 'The private key is encrypted; hand it in decrypted',
  key_not_opened: 'The encrypted key does not open with this passphrase',
  key_encryption_unknown: 'The key is encrypted in another way than PBES2 with PBKDF2 and AES-256-CBC',
  key_unparsable: 'The private key cannot be read',
  key_missing: 'There is no private key in the text',
  key_several: 'There is more than one private key in the text',
  key_unsupported: 'Keys of this type cannot sign certificates here',
  certificate_unparsable: 'The certificate cannot be read',
  csr_several: 'There is more than one certificate request in the text',
  csr_unparsable: 'The certificate request cannot be read',
  csr_not_proved: 'The signature of the certificate request does not prove that its sender holds the private key',
  csr_key_unfit: 'The key of the certificate request must be P-256, P-384, or RSA of 2048 to 8192 bits',
  signature_unparsable: 'The signature cannot be read',
  crl_unparsable: 'The revocation list cannot be read',
  name_invalid: 'The name cannot stand in a certificate',
  validity_invalid: 'The validity cannot stand in a certificate',
  serial_invalid: 'The serial number must be positive and at most 20 octets long',
  issuer_signs_no_lists: 'The key usage of the issuer does not allow it to sign revocation lists',
  bundle_private_key: 'A trust bundle must not hold a private key',
  bundle_not_a_ca: 'A certificate in the trust bundle is not a CA',
} as const;

export type PkiErrorCode = keyof typeof PKI_ERRORS;

/** Something handed in cannot be used. `block` is the 1-based PEM block at fault, `null` where that has no meaning. */
export class PkiError extends Error {
  readonly code: PkiErrorCode;
  readonly block: number | null;

  constructor(code: PkiErrorCode, detail = '', block: number | null = null) {
    super(`${block === null ? '' : `Block ${block}: `}${PKI_ERRORS[code]}${detail === '' ? '' : ` (${detail})`}`);
    this.name = 'PkiError';
    this.code = code;
    this.block = block;
  }
}
