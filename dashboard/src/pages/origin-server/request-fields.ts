/** Kinds of keys that Postern makes; see src/pki/keys.ts. */
export const KEY_TYPES = [
  { value: 'ec:P-256', text: 'ECDSA P-256' },
  { value: 'ec:P-384', text: 'ECDSA P-384' },
  { value: 'rsa:2048', text: 'RSA 2048' },
  { value: 'rsa:3072', text: 'RSA 3072' },
  { value: 'rsa:4096', text: 'RSA 4096' },
] as const satisfies readonly { readonly value: string; readonly text: string }[];

/** The names that somebody typed, one a line or between commas. */
export function namesIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}
