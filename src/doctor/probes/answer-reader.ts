import { ChunkedDecoder } from '../../http1/chunked.ts';

/** An answer as far as it came. Names of fields are in lower case; of a repeated one the first counts. */
export interface ReadAnswer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The body was read to its end. */
  readonly complete: boolean;
}

/** What is known after a feed: more is awaited, the answer is read as far as it will be, or it is no HTTP at all. */
export type Reading = 'more' | 'done' | { readonly unreadable: string };

/** Bytes of a body that are looked at. */
export const MAX_BODY = 65_536;
const MAX_HEAD = 32_768;
const MAX_FIELDS = 200;
/** Interim answers (1xx) before the real one. */
const MAX_INTERIM = 20;
const SWITCHING = 101;

/**
 * Reads one HTTP/1.1 answer, forgivingly: a door that answers with bare line feeds or two lengths is open all the same.
 * The strict reader of pulls (src/http1) would call that no answer.
 */
export class AnswerReader {
  #head: Buffer = Buffer.alloc(0);
  #found: { readonly status: number; readonly fields: ReadonlyMap<string, string> } | null = null;
  #chunked: ChunkedDecoder | null = null;
  /** Bytes of the body that must come; null where its end is that of the connection. */
  #length: number | null = null;
  #body: Buffer[] = [];
  #size = 0;
  #complete = false;
  #interim = 0;

  /** The head is there. */
  get begun(): boolean {
    return this.#found !== null;
  }

  feed(bytes: Buffer): Reading {
    if (this.#found !== null) return this.#feedBody(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    for (;;) {
      if (!mayBeHttp(this.#head)) return { unreadable: `it says ${shown(this.#head)}` };
      const end = endOfHead(this.#head);
      if (end === -1)
        return this.#head.length > MAX_HEAD ? { unreadable: 'the head of its answer has no end' } : 'more';
      const head = parseHead(this.#head.toString('latin1', 0, end));
      if (head === null) return { unreadable: `it says ${shown(this.#head)}` };
      const rest = this.#head.subarray(end);
      if (head.status >= 200 || head.status === SWITCHING) {
        this.#found = head;
        this.#head = Buffer.alloc(0);
        return this.#begin(rest);
      }
      this.#interim += 1;
      if (this.#interim > MAX_INTERIM) return { unreadable: 'interim answers without end' };
      this.#head = rest;
    }
  }

  /** What was read when the connection ended, or time did; null where that is no answer yet. */
  taken(connectionEnded: boolean): ReadAnswer | null {
    if (this.#found === null) return null;
    const endsHere = connectionEnded && this.#length === null && this.#chunked === null;
    const body = Buffer.concat(this.#body);
    return { ...this.#found, body, complete: this.#complete || endsHere };
  }

  /** What came instead of an answer; null where nothing did. */
  get instead(): string | null {
    return this.#head.length === 0 ? null : `it says ${shown(this.#head)}, and no more`;
  }

  #begin(rest: Buffer): Reading {
    const { status, fields } = this.#found ?? { status: 0, fields: new Map<string, string>() };
    if (status === 204 || status === 304 || status === SWITCHING) return this.#finish();
    if (/\bchunked\b/i.test(fields.get('transfer-encoding') ?? '')) this.#chunked = new ChunkedDecoder();
    else if (/^\d{1,15}$/.test(fields.get('content-length') ?? '')) this.#length = Number(fields.get('content-length'));
    if (this.#length === 0) return this.#finish();
    return rest.length === 0 ? 'more' : this.#feedBody(rest);
  }

  #feedBody(bytes: Buffer): Reading {
    if (this.#chunked === null) {
      this.#keep(this.#length === null ? bytes : bytes.subarray(0, Math.max(0, this.#length - this.#size)));
      if (this.#length !== null && this.#size >= this.#length) return this.#finish();
      return this.#size >= MAX_BODY ? 'done' : 'more';
    }
    const progress = this.#chunked.feed(bytes, 0, (data) => this.#keep(Buffer.from(data)));
    if (progress.kind === 'done') return this.#finish();
    return progress.kind !== 'more' || this.#size >= MAX_BODY ? 'done' : 'more';
  }

  #keep(bytes: Buffer): void {
    const room = Math.max(0, MAX_BODY - this.#size);
    if (room > 0) this.#body.push(bytes.subarray(0, room));
    this.#size += bytes.length;
  }

  #finish(): 'done' {
    this.#complete = this.#size <= MAX_BODY;
    return 'done';
  }
}

const START = /^HTTP\/1\.\d {1,4}(\d{3})(?: |\r?\n|$)/;

function mayBeHttp(bytes: Buffer): boolean {
  const begun = bytes.toString('latin1', 0, 7);
  return 'HTTP/1.'.startsWith(begun);
}

/** The offset behind the empty line; -1 where there is none yet. */
function endOfHead(bytes: Buffer): number {
  const usual = bytes.indexOf('\r\n\r\n');
  const bare = bytes.indexOf('\n\n');
  if (usual === -1) return bare === -1 ? -1 : bare + 2;
  return bare === -1 || usual < bare ? usual + 4 : bare + 2;
}

function parseHead(text: string): { readonly status: number; readonly fields: ReadonlyMap<string, string> } | null {
  const status = START.exec(text)?.[1];
  if (status === undefined) return null;
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/, MAX_FIELDS).slice(1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name !== '' && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return { status: Number(status), fields };
}

const SHOWN = 40;

/** The first bytes in a form that may stand in a report. */
function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, SHOWN).replaceAll(/[^\x20-\x7e]/g, '.'));
}
