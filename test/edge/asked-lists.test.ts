import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askingWorld, asks, keeping, meet, type Pass, passOf, visitAs, visitorCa } from './asking.ts';
import { ask, dialHttp2 } from './visit-http2.ts';

/** The list of a name as it is now: changed, taken away, or that of a wildcard, while visitors are connected. */

const STAFF = 'staff.a.test';
const OPEN = 'open.a.test';
const REQUIRED = 'visitor_certificate_required';
const REFUSED = 'visitor_certificate_refused';
const DAY = 86_400_000;

const shows = ({ cert, key }: Pass) => ({ cert, key });

describe('the list', () => {
  test('counts with all of its CAs, an intermediate without its root as well', async (t) => {
    const { edge, zone, staff, partners } = await askingWorld(t);
    const below = await visitorCa('an office', staff);
    const pass = shows(await passOf(below));
    const list = async (...cas: Parameters<typeof asks>[1][]) => {
      edge.change(zone, zone.rules, [], { put: [asks(STAFF, ...cas)], dropped: [] });
      return visitAs(edge.https, STAFF, pass);
    };
    assert.equal(await list(partners, staff, below), 'admitted');
    assert.equal(await list(partners, below), 'admitted');
    assert.equal(await list(partners), REFUSED);
    // What a visitor sends along is not shown to the edge: intermediates belong into the list.
    assert.equal(await list(staff), REFUSED);
    assert.equal(edge.logged.at(-1)?.['because'], 'unknown_ca');
  });

  test('counts as it is now: who was let in by the one before is asked anew on the same connection', async (t) => {
    const { edge, zone, staff, partners } = await askingWorld(t);
    const pass = shows(await passOf(staff));
    const first = keeping(await meet(edge.https, STAFF, pass), STAFF);
    const session = await dialHttp2(t, edge.https, STAFF, pass);
    assert.equal(await first(), 'admitted');
    assert.equal((await ask(session, { ':authority': STAFF })).status, 200);
    edge.change(zone, zone.rules, [], { put: [asks(STAFF, partners)], dropped: [] });
    assert.equal(await first(), REFUSED);
    assert.equal((await ask(session, { ':authority': STAFF })).status, 403);
  });

  test('put on a name turns away who is connected already, and taken off it lets everybody in', async (t) => {
    const { edge, zone, staff } = await askingWorld(t);
    const early = keeping(await meet(edge.https, OPEN), OPEN);
    assert.equal(await early(), 'admitted');
    edge.change(zone, zone.rules, [], { put: [asks(OPEN, staff)], dropped: [] });
    assert.equal(await early(), REQUIRED);
    assert.equal(await visitAs(edge.https, OPEN, shows(await passOf(staff))), 'admitted');
    edge.change(zone, zone.rules, [], { put: [], dropped: [asks(OPEN).hostname] });
    assert.equal(await visitAs(edge.https, OPEN), 'admitted');
  });

  test('of a wildcard holds for all names below, those with records of their own too, until another zone begins', async (t) => {
    const { edge, zone, staff, partners } = await askingWorld(t);
    edge.change(zone, zone.rules, [], { put: [asks('*.a.test', partners)], dropped: [] });
    const pass = shows(await passOf(staff));
    const other = shows(await passOf(partners));
    assert.equal(await visitAs(edge.https, OPEN), REQUIRED);
    assert.equal(await visitAs(edge.https, OPEN, other), 'admitted');
    assert.equal(await visitAs(edge.https, STAFF, pass), 'admitted');
    assert.equal(await visitAs(edge.https, STAFF, other), REFUSED);
    assert.equal(await visitAs(edge.https, 'www.b.a.test'), 'admitted');
  });

  test('of one zone cannot be given to a name of another', async (t) => {
    const { edge, other, staff } = await askingWorld(t);
    edge.change(other, other.rules, [], { put: [asks(STAFF, staff)], dropped: [] });
    assert.equal(edge.replies.at(-1)?.kind, 'rejected');
  });
});

test('a certificate that ends while its connection is open counts no longer', async (t) => {
  let ahead = 0;
  const { edge, staff } = await askingWorld(t, { now: () => Date.now() + ahead });
  const pass = shows(await passOf(staff, { lifetime: DAY / 2 }));
  const again = keeping(await meet(edge.https, STAFF, pass), STAFF);
  assert.equal(await again(), 'admitted');
  ahead = DAY / 2 + 60_000;
  assert.equal(await again(), REFUSED);
  assert.equal(edge.logged.at(-1)?.['because'], 'expired');
});
