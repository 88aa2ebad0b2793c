import { type Fields, list } from '../http1/fields.ts';
import type { Framing } from '../http1/framing.ts';
import { fieldLine, parsedLines, requestLine, upgradeLines } from '../http1/write.ts';

/** What an origin is told about a visitor: fields of the edge's own, which are the same for many requests. */
export interface Forwarding {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The same as lines of a head. */
  readonly lines: string;
}

/** The head of a request to an origin, before it is written as the protocol of the connection has it. */
export interface OriginRequest {
  readonly method: string;
  readonly path: string;
  /** The host as the origin knows it. */
  readonly authority: string;
  /** The fields of the visitor as they arrived. */
  readonly fields: Fields;
  /** Which of them go along, by their lower-case names: none that speaks of a connection. */
  readonly keeps: (name: string) => boolean;
  readonly forwarding: Forwarding;
  /** Value of Client-Cert (RFC 9440 §2.2); `null` where no certificate was asked of the visitor. */
  readonly clientCert: string | null;
  /** Value of CDN-Loop; `null` where the origin gets none, as behind a guard. */
  readonly loop: string | null;
  /** Value of CF-Ray; `null` where the request has that of an edge already, or needs none. */
  readonly ray: string | null;
  readonly framing: Framing;
  /** The protocol that it asks to change to, lower-case. */
  readonly upgrade: string | null;
}

/** The head for HTTP/1.1, in latin1. */
export function requestText(request: OriginRequest): string {
  const { method, path, authority, fields, keeps, forwarding, clientCert, loop, ray, framing, upgrade } = request;
  return (
    requestLine(method, path) +
    fieldLine('Host', authority) +
    parsedLines(fields, keeps) +
    forwarding.lines +
    (clientCert === null ? '' : fieldLine('Client-Cert', clientCert)) +
    `${loop === null ? '' : `CDN-Loop: ${loop}\r\n`}${ray === null ? '' : `CF-Ray: ${ray}\r\n`}` +
    framingLine(framing) +
    `${upgrade === null ? '' : upgradeLines(upgrade)}\r\n`
  );
}

/** The header list for HTTP/2 (RFC 9113 §8.3.1), as names and values in turn. */
export function requestList(request: OriginRequest): string[] {
  const { method, path, authority, fields, keeps, forwarding, clientCert, loop, ray, framing } = request;
  const out = [':method', method, ':scheme', 'https', ':authority', authority, ':path', path];
  for (let at = 0; at < fields.names.length; at++) {
    const name = fields.names[at] ?? '';
    if (keeps(name)) out.push(name, fields.values[at] ?? '');
  }
  for (const [name, value] of forwarding.fields) out.push(name.toLowerCase(), value);
  if (clientCert !== null) out.push('client-cert', clientCert);
  if (loop !== null) out.push('cdn-loop', loop);
  if (ray !== null) out.push('cf-ray', ray);
  // RFC 9113 §8.2.2 leaves this one value of TE, and origins that speak gRPC insist on it.
  if (list(fields, 'te').includes('trailers')) out.push('te', 'trailers');
  if (framing.kind === 'length') out.push('content-length', String(framing.length));
  return out;
}

function framingLine(framing: Framing): string {
  if (framing.kind === 'length') return `Content-Length: ${framing.length}\r\n`;
  return framing.kind === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
}
