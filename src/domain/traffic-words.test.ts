import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Counted, HostTraffic, Visits } from './traffic.ts';
import {
  acceptedWords,
  comersWords,
  deedWords,
  type Measure,
  oldTlsWords,
  requestWords,
  trafficWords,
} from './traffic-words.ts';

const NO_VISITS: Visits = {
  requests: 0,
  overTls: 0,
  oldTls: 0,
  certified: 0,
  uncertified: 0,
  strangers: 0,
  blocked: 0,
  limited: 0,
  simulated: 0,
};
const HOUR: Counted = { minutes: 60, silent: 0, hostnames: new Map(), visits: NO_VISITS };

function pulled(pulls: number, withoutCertificate = 0, refused = 0): HostTraffic {
  return { pulls, withoutCertificate, refused };
}

describe('pulls, in words', () => {
  const table: readonly (readonly [Measure, HostTraffic, string])[] = [
    ['pulls', pulled(0), 'Nothing was pulled there in the last hour.'],
    ['pulls', pulled(1), 'There was one pull in the last hour.'],
    ['pulls', pulled(1_234), 'There were 1,234 pulls in the last hour.'],
    ['failing', pulled(0), 'Nothing was pulled there in the last hour.'],
    ['failing', pulled(1), 'The one pull in the last hour would have failed.'],
    ['failing', pulled(41), 'All 41 pulls in the last hour would have failed.'],
    ['failing', pulled(1, 0, 1), 'The one pull in the last hour would have failed. The origin refused it.'],
    ['without', pulled(1), 'The one pull in the last hour showed a certificate.'],
    ['without', pulled(1, 1), 'The one pull in the last hour had no certificate.'],
    ['without', pulled(41), 'All 41 pulls in the last hour showed a certificate.'],
    ['without', pulled(41, 3), '3 of 41 pulls in the last hour had no certificate.'],
    ['without', pulled(41, 41), 'All 41 pulls in the last hour had no certificate.'],
    ['certified', pulled(1, 1), 'The one pull in the last hour had no certificate.'],
    ['certified', pulled(1), 'The one pull in the last hour showed a certificate.'],
    ['certified', pulled(41, 3), '38 of 41 pulls in the last hour showed a certificate.'],
    ['pulls', pulled(41, 0, 1), 'There were 41 pulls in the last hour. The origin refused one of them.'],
    ['pulls', pulled(41, 0, 2), 'There were 41 pulls in the last hour. The origin refused 2 of them.'],
    ['pulls', pulled(2, 0, 2), 'There were 2 pulls in the last hour. The origin refused all of them.'],
  ];
  for (const [measure, traffic, expected] of table) {
    test(`${measure} of ${JSON.stringify(traffic)}`, () =>
      assert.equal(trafficWords(measure, traffic, HOUR), expected));
  }

  test('where not all of the hour was counted, or not everywhere, that is said', () => {
    const said = (over: Partial<Counted>, traffic = pulled(41, 3)) =>
      trafficWords('without', traffic, { ...HOUR, ...over });
    assert.equal(said({ minutes: 55 }), '3 of 41 pulls in the last hour had no certificate.');
    assert.equal(
      said({ minutes: 12 }),
      '3 of 41 pulls in the 12 minutes of the last hour that were counted had no certificate.',
    );
    assert.equal(
      said({ minutes: 1 }, pulled(0)),
      'Nothing was pulled there in the one minute of the last hour that was counted.',
    );
    assert.equal(
      said({ silent: 1 }),
      '3 of 41 pulls in the last hour had no certificate. One edge does not tell what it counts: there may have been more.',
    );
    assert.equal(
      said({ silent: 2 }, pulled(0)),
      'Nothing was pulled there in the last hour. 2 edges do not tell what they count: there may have been more.',
    );
  });

  test('where nobody counts, nothing is claimed', () => {
    assert.match(trafficWords('failing', null, null), /is not known: no edge tells what it counts\.$/);
    assert.match(trafficWords('failing', null, HOUR), /is not known: of so many hostnames only the busiest/);
  });

  test('what an origin tells of those that came', () => {
    assert.equal(
      comersWords(3, 41, 'hour'),
      '3 of 41 requests that reached the origin in the last hour had none that it would accept.',
    );
    assert.equal(
      comersWords(1, 1, 'hour'),
      'The one request that reached the origin in the last hour had none that it would accept.',
    );
    assert.equal(
      comersWords(2, 2, 'hour'),
      'All 2 requests that reached the origin in the last hour had none that it would accept.',
    );
    assert.match(
      comersWords(2, 3, { ago: 240_000 }),
      /^2 of 3 requests that reached the origin since it was configured 4 minutes ago had none /,
    );
  });

  test('how many came where none of them would be refused, and for how long that was watched', () => {
    const came = (accepted: number, ago: number, unverified = 0) => acceptedWords({ accepted, unverified }, { ago });
    assert.equal(came(2, 240_000), '2 requests since it was configured 4 minutes ago, all by the edge.');
    assert.equal(came(1, 119_999), 'One request since it was configured a minute ago, by the edge.');
    assert.equal(came(0, 59_999), 'No request since it was configured less than a minute ago.');
    assert.equal(
      acceptedWords({ accepted: 1_000, unverified: 0 }, 'hour'),
      '1,000 requests in the last hour, all by the edge.',
    );
    assert.match(came(1, 0, 1), /^2 requests .* that this server verifies only once it enforces\.$/);
  });
});

describe('visits, in words', () => {
  const seen = (over: Partial<Visits>): Counted => ({ ...HOUR, visits: { ...NO_VISITS, ...over } });
  const about = { one: 'About it.', many: 'About them.' };
  const blocked = { did: (count: string, one: boolean) => (one ? 'One was' : `${count} were`), never: 'None was' };

  test('none, one and many', () => {
    const table: readonly (readonly [said: string, expected: string])[] = [
      [oldTlsWords(seen({})), 'Nobody asked over TLS in the last hour.'],
      [oldTlsWords(seen({ overTls: 1, oldTls: 1 })), 'The one request over TLS in the last hour came with TLS 1.2.'],
      [oldTlsWords(seen({ overTls: 340 })), 'All 340 requests over TLS in the last hour came with TLS 1.3.'],
      [
        oldTlsWords(seen({ overTls: 340, oldTls: 12 })),
        '12 of 340 requests over TLS in the last hour came with TLS 1.2.',
      ],
      [requestWords(seen({}), about), 'Nobody asked for anything in the zone in the last hour.'],
      [requestWords(seen({ requests: 1 }), about), 'There was one request to the zone in the last hour. About it.'],
      [requestWords(seen({ requests: 9 }), about), 'There were 9 requests to the zone in the last hour. About them.'],
      [deedWords(seen({}), (visits) => visits.blocked, blocked), 'None was in the last hour.'],
      [deedWords(seen({ blocked: 1 }), (visits) => visits.blocked, blocked), 'One was in the last hour.'],
      [deedWords(seen({ blocked: 7 }), (visits) => visits.blocked, blocked), '7 were in the last hour.'],
    ];
    for (const [said, expected] of table) assert.equal(said, expected);
  });

  test('where nobody counts, or not this zone, nothing is claimed', () => {
    assert.match(oldTlsWords(null), /is not known: no edge tells what it counts\.$/);
    assert.match(requestWords({ ...HOUR, visits: null }, about), /is not known: the zone is not among those/);
  });
});
