import type { Fields } from '../http1/fields.ts';
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
  /** Which of them go along, by their lower-case names. */
  readonly keeps: (name: string) => boolean;
  readonly forwarding: Forwarding;
  /** Value of Client-Cert (RFC 9440 §2.2); `null` where no certificate was asked of the visitor. */
  readonly clientCert: string | null;
  /** Value of CDN-Loop. */
  readonly loop: string;
  /** Value of CF-Ray. */
  readonly ray: string;
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
    `CDN-Loop: ${loop}\r\nCF-Ray: ${ray}\r\n${framingLine(framing)}` +
    `${upgrade === null ? '' : upgradeLines(upgrade)}\r\n`
  );
}

function framingLine(framing: Framing): string {
  if (framing.kind === 'length') return `Content-Length: ${framing.length}\r\n`;
  return framing.kind === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
}
