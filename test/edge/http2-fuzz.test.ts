import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hostname } from '../../src/domain/ids.ts';
import { dialFrames, END_HEADERS, END_STREAM, FRAME, frame, get, headerBlock, word } from './frames.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));

const text = fc.oneof(
  fc.constantFrom(
    '',
    ':path',
    ':authority',
    'host',
    'cookie',
    'content-length',
    'te',
    'x-a',
    '0',
    '5',
    'trailers',
    '/',
    '*',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).map((value) => Buffer.from(value).toString('latin1')),
);
const stream = fc.constantFrom(0, 1, 3, 5, 7, 2, 0x7fff_ffff);
const fields = fc.array(fc.tuple(text, text), { maxLength: 6 });
const block = fc.oneof(
  fields.map((more) => headerBlock([...get(), ...more])),
  fields.map((all) => headerBlock(all)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const flags = fc.constantFrom(0, END_STREAM, END_HEADERS, END_STREAM | END_HEADERS, 0x8, 0x20, 0xff);
const payload = fc.oneof(
  block,
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  fc.nat().map((value) => word(value)),
);
const anyFrame = fc
  .tuple(fc.oneof(fc.constantFrom(...Object.values(FRAME)), fc.nat(0x20)), flags, stream, payload)
  .map(([type, bits, id, body]) => frame(type, bits, id, body));
const request = fc
  .tuple(fc.constantFrom(1, 3, 5, 7), flags, block)
  .map(([id, bits, body]) => frame(FRAME.HEADERS, bits & (END_STREAM | END_HEADERS), id, body));

test('whatever frames a visitor sends, the edge makes no mistake, and goes on', async (t) => {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(request, anyFrame), { maxLength: 12 }), async (frames) => {
      const socket = await dialFrames(edge.https, 'www.a.test');
      socket.send(...frames);
      // What was sent before this is dealt with once it is answered, or once the edge has hung up.
      socket.send(frame(FRAME.PING, 0, 0, Buffer.from('the last')));
      await socket.until(({ type, payload: body }) => type === FRAME.PING && body.toString('latin1') === 'the last');
      socket.destroy();
      assert.deepEqual(
        edge.logged.filter(({ event }) => event === 'edge_fault'),
        [],
      );
    }),
    { numRuns: 150 },
  );
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  for (const { headers } of origin.seen) {
    // Names and values take turns, and the value of some field may be "host" too.
    const names = headers.filter((_, at) => at % 2 === 0);
    assert.equal(names.filter((name) => name.toLowerCase() === 'host').length, 1);
  }
});
