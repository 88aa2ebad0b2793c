import { namesTag } from './entity-tag.ts';
import type { Document, Ground } from './route.ts';

/** A file that is public and changes rarely; 304 where the caller has it already (RFC 9110 §15.4.5). */
export function cacheable(
  text: string,
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
