/** Splits and joins PEM (RFC 7468), forgiving about what editors and mail do to text and about nothing else. */

import { PkiError } from './pki-error.ts';

export interface PemBlock {
  /** What stands after BEGIN: `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string;
  /** The decoded bytes; of a legacy encrypted key they are ciphertext. */
  readonly der: Buffer;
  /** A private key under a passphrase, PKCS#8 (RFC 5958) or the older form (RFC 1421 headers). */
  readonly encrypted: boolean;
}

const MAX_BYTES = 256 * 1024;
const MAX_BLOCKS = 100;
const LINE = 64;
const BOUNDARY = /^-----(BEGIN|END) ([A-Z0-9](?:[A-Z0-9 ]{0,62}[A-Z0-9])?)-----$/;
const HEADER = /^[A-Za-z0-9-]+:/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

interface Boundary {
  readonly verb: string;
  readonly label: string;
}

interface OpenBlock {
  readonly label: string;
  readonly base64: string[];
  encrypted: boolean;
}

/**
 * The blocks of a text, in order; none where there is none. CR LF, indentation, a byte order mark, a missing last
 * newline and text between the blocks do no harm. Throws `PkiError` with the number of the block at fault.
 */
export function readPem(text: string): readonly PemBlock[] {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new PkiError('pem_too_large');
  const blocks: PemBlock[] = [];
  let open: OpenBlock | null = null;
  for (const untrimmed of text.split(/\r\n|\r|\n/)) {
    const line = untrimmed.trim();
    const boundary: Boundary | null = line.startsWith('-----') ? readBoundary(line, open, blocks.length + 1) : null;
    if (boundary === null) {
      if (open !== null) addLine(open, line);
    } else if (boundary.verb === 'BEGIN') {
      if (blocks.length === MAX_BLOCKS) throw new PkiError('pem_too_many_blocks');
      open = { label: boundary.label, base64: [], encrypted: boundary.label === 'ENCRYPTED PRIVATE KEY' };
    } else if (open !== null) {
      blocks.push(close(open, blocks.length + 1));
      open = null;
    }
  }
  if (open !== null) throw new PkiError('pem_unclosed', open.label, blocks.length + 1);
  return blocks;
}

/** One block, lines of 64 characters as RFC 7468 §3 wants them, with its final newline. */
export function writePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  let text = `-----BEGIN ${label}-----\n`;
  for (let at = 0; at < base64.length; at += LINE) text += `${base64.slice(at, at + LINE)}\n`;
  return `${text}-----END ${label}-----\n`;
}

/** What stands between the lines of a block that `writePem` wrote. Of another text, something else or nothing. */
export function writtenDer(label: string, pem: string): Buffer {
  return Buffer.from(pem.slice(`-----BEGIN ${label}-----\n`.length, -`-----END ${label}-----\n`.length), 'base64');
}

/**
 * A certificate or key in a third less memory: a character for each octet of the DER. A Buffer would take more than PEM.
 * `unpackPem` gives back the very text, also one that `writePem` would write otherwise.
 */
export function packPem(label: string, pem: string): string {
  const der = writtenDer(label, pem);
  return writePem(label, der) === pem ? der.toString('latin1') : `-${pem}`;
}

/** The text that was packed. */
export function unpackPem(label: string, packed: string): string {
  // Certificates and keys are a SEQUENCE each (RFC 5280 §4.1, RFC 5208 §5), and its tag is no hyphen.
  return packed.startsWith('-') ? packed.slice(1) : writePem(label, Buffer.from(packed, 'latin1'));
}

/** The boundary that a line of dashes is; `null` for a mere ruler between blocks. Checks that it may stand here. */
function readBoundary(line: string, open: OpenBlock | null, block: number): Boundary | null {
  const [, verb, label = ''] = BOUNDARY.exec(line) ?? [];
  if (verb === undefined) {
    if (open === null && !/BEGIN|END/.test(line)) return null;
    throw new PkiError('pem_malformed_boundary', '', block);
  }
  if (verb === 'END' && open === null) throw new PkiError('pem_unexpected_end', label, block);
  if (open !== null && (verb === 'BEGIN' || open.label !== label))
    throw new PkiError('pem_unclosed', open.label, block);
  return { verb, label };
}

function addLine(block: OpenBlock, line: string): void {
  if (!HEADER.test(line)) block.base64.push(line);
  else if (/^Proc-Type:\s*4,\s*ENCRYPTED$/i.test(line)) block.encrypted = true;
}

function close({ label, base64, encrypted }: OpenBlock, number: number): PemBlock {
  const body = base64.join('').replaceAll(/\s/g, '');
  if (body.length % 4 !== 0 || !BASE64.test(body)) throw new PkiError('pem_bad_base64', label, number);
  return { label, der: Buffer.from(body, 'base64'), encrypted };
}
