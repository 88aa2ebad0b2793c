import { TEXT, TOKEN } from '../http1/byte-classes.ts';
import { fieldName, NO_ROLE } from '../http1/field-names.ts';
import type { FieldSection } from '../http1/fields.ts';
import type { RefusalCode } from '../http1/refusals.ts';

/** A header list, taken apart: the pseudo-fields, and all others as an HTTP/1.1 head would have them. */
export interface FieldList {
  readonly kind: 'list';
  readonly pseudo: ReadonlyMap<string, string>;
  readonly section: FieldSection;
}

// RFC 9113 §8.2.2: what these say is said by HTTP/2 itself. Behind an HTTP/1.1 connection they would frame the message.
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Reads names and values in turn, latin1, as `node:http2` hands them over, and refuses what is malformed (RFC 9113 §8.2). */
export function parseFieldList(raw: readonly string[], maxFields: number): FieldList | RefusalCode {
  const pseudo = new Map<string, string>();
  const regular = new Regular();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    if (name.startsWith(':')) {
      if (regular.size > 0 || pseudo.has(name)) return 'bad_pseudo_field';
      pseudo.set(name, value);
    } else {
      const fault = fieldFault(name, value);
      if (fault !== null) return fault;
      regular.add(name, value);
      if (regular.size > maxFields) return 'too_many_fields';
    }
  }
  return { kind: 'list', pseudo, section: regular.section };
}

function fieldFault(name: string, value: string): RefusalCode | null {
  if (!isFieldName(name)) return 'bad_field_name';
  if (!isFieldValue(value)) return 'bad_field_value';
  const bound = CONNECTION_FIELDS.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers');
  return bound ? 'connection_field' : null;
}

function isFieldName(name: string): boolean {
  for (let at = 0; at < name.length; at++) if (TOKEN[name.charCodeAt(at)] !== 1) return false;
  // RFC 9113 §8.2.1: an upper-case letter makes a message malformed.
  return name !== '' && name === name.toLowerCase();
}

function isFieldValue(value: string): boolean {
  for (let at = 0; at < value.length; at++) if (TEXT[value.charCodeAt(at)] !== 1) return false;
  return !isSpace(value.charCodeAt(0)) && !isSpace(value.charCodeAt(value.length - 1));
}

function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x09;
}

/** Gathers regular fields. */
class Regular {
  readonly #names: string[] = [];
  readonly #rawNames: string[] = [];
  readonly #values: string[] = [];
  readonly #first = [-1, -1, -1, -1, -1, -1];
  #repeated = 0;
  #cookie = -1;

  get size(): number {
    return this.#names.length;
  }

  get section(): FieldSection {
    const fields = { names: this.#names, rawNames: this.#rawNames, values: this.#values };
    return { kind: 'fields', fields, first: this.#first, repeated: this.#repeated };
  }

  add(name: string, value: string): void {
    // RFC 9113 §8.2.3: crumbs of a cookie become one field before they go anywhere else.
    if (name === 'cookie') {
      if (this.#cookie !== -1) {
        this.#values[this.#cookie] += `; ${value}`;
        return;
      }
      this.#cookie = this.#names.length;
    }
    const { role } = fieldName(name, 0, name.length);
    if (role !== NO_ROLE) {
      if (this.#first[role] === -1) this.#first[role] = this.#names.length;
      else this.#repeated |= 1 << role;
    }
    this.#names.push(name);
    this.#rawNames.push(name);
    this.#values.push(value);
  }
}
