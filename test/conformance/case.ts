/** The host that all cases ask for. */
export const HOST = 'www.a.test';

/** What the origin must have got of a request that is passed on. */
export interface Passed {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
  /** Field lines that must have reached the origin, as `name: value` in lower case. */
  readonly has?: readonly string[];
  /** Names of fields that must not have. */
  readonly lacks?: readonly string[];
}

/** What an edge must do with the bytes of a case. A well-formed request always follows them on the same connection. */
type Expected =
  /** One answer with this status, nothing at the origin, and the connection ends: what follows is never read. */
  | { readonly kind: 'refused'; readonly status: number }
  /** Answered with this status by the edge itself, nothing at the origin, and the connection goes on. */
  | { readonly kind: 'turned_away'; readonly status: number; readonly field?: RegExp }
  /** All of it reaches the origin, and the request after it too. `interim` are the 1xx answers before. */
  | { readonly kind: 'passed'; readonly requests: readonly Passed[]; readonly interim?: readonly number[] }
  /** As `passed`, and the connection ends by the visitor's wish or for its age: the request after it is not read. */
  | { readonly kind: 'passed_and_closed'; readonly requests: readonly Passed[] }
  /** Passed on; the origin answers what follows with this status. */
  | { readonly kind: 'passed_then'; readonly request: Passed; readonly next: number }
  /** Passed on, and answered with this status by the origin itself, whose parser knows no such method. */
  | { readonly kind: 'origin_decides'; readonly status: number }
  /** Half a request: nothing follows, no answer but a time-out, nothing complete at the origin. */
  | { readonly kind: 'waits'; readonly answers: readonly number[] };

/** One case of the public list of Http11Probe (its id and what it is about), with bytes and verdict of our own. */
export interface Case {
  readonly id: string;
  readonly bytes: string;
  readonly expected: Expected;
}

const HOST_LINE = `Host: ${HOST}\r\n`;

/** A request with the right Host, further field lines, and what follows the head. */
export function request(start: string, lines: readonly string[] = [], body = ''): string {
  return `${start}\r\n${HOST_LINE}${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
}

export function get(...lines: readonly string[]): string {
  return request('GET / HTTP/1.1', lines);
}

export function post(lines: readonly string[], body = ''): string {
  return request('POST / HTTP/1.1', lines, body);
}

/** A chunked body as it stands, with further field lines. */
export function chunked(body: string, ...lines: readonly string[]): string {
  return post(['Transfer-Encoding: chunked', ...lines], body);
}

export function refused(id: string, bytes: string, status = 400): Case {
  return { id, bytes, expected: { kind: 'refused', status } };
}

export function turnedAway(id: string, bytes: string, status: number, field?: RegExp): Case {
  return { id, bytes, expected: { kind: 'turned_away', status, ...(field === undefined ? {} : { field }) } };
}

export function passed(id: string, bytes: string, more: Partial<Passed> = {}, interim: readonly number[] = []): Case {
  const method = bytes.trimStart().slice(0, bytes.trimStart().indexOf(' '));
  return { id, bytes, expected: { kind: 'passed', requests: [{ method, url: '/', ...more }], interim } };
}

export function passedAndClosed(id: string, bytes: string, more: Partial<Passed> = {}): Case {
  const method = bytes.slice(0, bytes.indexOf(' '));
  return { id, bytes, expected: { kind: 'passed_and_closed', requests: [{ method, url: '/', ...more }] } };
}

export function originDecides(id: string, bytes: string, status: number): Case {
  return { id, bytes, expected: { kind: 'origin_decides', status } };
}

export function waits(id: string, bytes: string, ...answers: readonly number[]): Case {
  return { id, bytes, expected: { kind: 'waits', answers } };
}
