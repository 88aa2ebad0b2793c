/**
 * Why a message was refused: one row for each way, so that a log tells them apart. `status` is what a server answers
 * with; where the message is a response, the caller decides what a bad origin means to its own visitor. After any of
 * these the position in the byte stream is unknown, so the connection ends (RFC 9112 §9.6); over HTTP/2 only the stream.
 */
export const REFUSALS = {
  // Lines
  bare_lf: { status: 400, text: 'A line ends with LF alone' },
  bare_cr: { status: 400, text: 'A CR is not followed by LF' },
  nul: { status: 400, text: 'A NUL stands in the head' },
  empty_line: { status: 400, text: 'An empty line stands before the start line' },
  head_too_large: { status: 431, text: 'The head is too large' },

  // Request line
  bad_request_line: { status: 400, text: 'The request line is not method, target and version with one space between' },
  bad_method: { status: 400, text: 'The method is not a token' },
  bad_target: { status: 400, text: 'The request target is not valid for this method' },
  target_too_long: { status: 414, text: 'The request target is too long' },
  bad_version: { status: 400, text: 'The HTTP version is malformed' },
  version_not_supported: { status: 505, text: 'Only HTTP/1.1 and HTTP/1.0 are spoken here' },
  http_0_9: { status: 400, text: 'The request names no HTTP version' },
  h2_preface: { status: 505, text: 'HTTP/2 was begun on an HTTP/1.1 connection' },

  // Status line
  bad_status_line: { status: 502, text: 'The status line is malformed' },

  // Fields
  bad_field_name: { status: 400, text: 'A field name is not a token' },
  space_before_colon: { status: 400, text: 'Whitespace stands between a field name and its colon' },
  obsolete_fold: { status: 400, text: 'A field line begins with whitespace' },
  bad_field_value: { status: 400, text: 'A field value holds a control character' },
  too_many_fields: { status: 431, text: 'There are too many fields' },

  // Host
  missing_host: { status: 400, text: 'The Host field is missing' },
  repeated_host: { status: 400, text: 'There is more than one Host field' },
  bad_host: { status: 400, text: 'The Host field is not a host with an optional port' },
  host_mismatch: { status: 400, text: 'The request target names another authority than the Host field' },

  // Framing
  length_and_encoding: { status: 400, text: 'Content-Length and Transfer-Encoding stand side by side' },
  bad_length: { status: 400, text: 'The Content-Length is not a decimal number' },
  repeated_length: { status: 400, text: 'There is more than one Content-Length' },
  bad_encoding: { status: 400, text: 'The Transfer-Encoding does not end with exactly one chunked' },
  encoding_not_supported: { status: 501, text: 'A transfer coding other than chunked is not supported' },
  encoding_in_1_0: { status: 400, text: 'HTTP/1.0 has no Transfer-Encoding' },
  expectation_failed: { status: 417, text: 'The only expectation that can be met is 100-continue' },

  // Bodies
  bad_chunk_size: { status: 400, text: 'A chunk size is not hexadecimal digits followed by CRLF' },
  bad_chunk_end: { status: 400, text: 'A chunk is not followed by CRLF' },
  bad_chunk_extension: { status: 400, text: 'A chunk extension is malformed' },
  chunk_extension_too_large: { status: 400, text: 'The chunk extensions are too long' },
  bad_trailer: { status: 400, text: 'A field that frames, routes or authorises stands in the trailers' },
  trailer_too_large: { status: 431, text: 'The trailers are too large' },
  truncated_body: { status: 400, text: 'The connection ended before the body did' },

  // HTTP/2 only
  bad_pseudo_field: { status: 400, text: 'A pseudo-field is missing, unknown, misplaced or stands twice' },
  bad_scheme: { status: 400, text: 'The :scheme is not that of the connection' },
  connection_field: { status: 400, text: 'A field that belongs to HTTP/1.1 connections stands in an HTTP/2 message' },
} as const satisfies Record<string, { readonly status: number; readonly text: string }>;

export type RefusalCode = keyof typeof REFUSALS;

export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
}

/** The refusal with this code; its status and text are the row in `REFUSALS`. */
export function refuse(code: RefusalCode): Refusal {
  return { kind: 'refusal', code };
}
