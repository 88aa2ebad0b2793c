import { reasonPhrase } from './reason-phrases.ts';
import type { Reply } from './responder.ts';
import { fieldLine, statusLine } from './write.ts';

/** An answer of the server itself as an HTTP/1.1 message, in latin1. */
export function replyText(
  { status, fields, body }: Reply,
  { close, withBody }: { readonly close: boolean; readonly withBody: boolean },
): string {
  const lines = fields.map(([name, value]) => fieldLine(name, value)).join('');
  return (
    statusLine(status, reasonPhrase(status)) +
    `${lines}Content-Length: ${body.length}\r\n${close ? 'Connection: close\r\n' : ''}\r\n${withBody ? body : ''}`
  );
}
