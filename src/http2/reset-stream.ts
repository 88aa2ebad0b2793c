import type { Http2Stream } from 'node:http2';

/** Ends a stream so that nobody can take what was sent on it for the whole. */
export function resetStream(stream: Http2Stream, code: number): void {
  // node:http2 ends its own side before it resets a stream, and that END_STREAM would arrive first.
  stream._final = (done) => done();
  stream.close(code);
}
