import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Reply } from '../http1/responder.ts';
import type { SentOn } from '../http1/sent-on.ts';

/** Answers a stream with a reply of the edge's own. */
export function sendReply(stream: ServerHttp2Stream, { status, fields, body }: Reply, withBody: boolean): void {
  const list = fields.flatMap(([name, value]) => [name.toLowerCase(), value]);
  const length = ['content-length', String(body.length)];
  const endStream = !withBody || body === '';
  stream.respond([':status', String(status), ...list, ...length], { endStream });
  if (!endStream) stream.end(body, 'latin1');
}

/** Fields that go on, as names and values in turn. */
export function fieldList({ fields: { names, values }, keeps }: SentOn): string[] {
  const list: string[] = [];
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? '';
    if (keeps(name)) list.push(name, values[at] ?? '');
  }
  return list;
}

/** The same for the calls of node:http2 that take no list. */
export function fieldObject(sent: SentOn): OutgoingHttpHeaders {
  const list = fieldList(sent);
  const groups = new Map<string, string[]>();
  for (let at = 0; at < list.length; at += 2) {
    const [name = '', value = ''] = list.slice(at, at + 2);
    groups.set(name, [...(groups.get(name) ?? []), value]);
  }
  return Object.fromEntries(groups);
}
