import { namesTag } from './entity-tag.ts';
import type { Ground } from './route.ts';
import type { Document } from './outcome.ts';

/** A file that is public and changes rarely; 304 where the caller has it already (RFC 9110 §15.4.5). */
export function cacheable(
  text: string | Buffer,
  etag: string,
  type: string,
  { call, headers = {} }: { readonly call: Ground; readonly headers?: Document['headers'] },
): Document {
  const fields = { 'cache-control': 'public, max-age=300, must-revalidate', etag, ...headers };
  if (namesTag(call.header('if-none-match'), etag)) {
    return { kind: 'document', status: 304, headers: fields, text: '' };
  }
  return { kind: 'document', status: 200, headers: { ...fields, 'content-type': type }, text };
}

/** What a file's reader needs to know that it has all of it, from the SHA-256 in hex. */
export function digestFields(sha256: string): Document['headers'] {
  return {
    // RFC 9530 §3: of the representation, so also of one that a 304 does not carry.
    'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
    'x-checksum-sha256': sha256,
  };
}
