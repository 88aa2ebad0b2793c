import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Observation, Saw } from './observation.ts';
import type { CredentialKind, Probe } from './probe.ts';
import { type Found, firstProbes, foundIn, furtherProbes, type Means } from './probing.ts';
import type { Target } from './target.ts';

const TARGET: Target = { host: 'www.example.test', address: '192.0.2.1', port: 443, door: 'https' };
const BOTH: Found = { versions: ['TLSv1.2', 'TLSv1.3'], http: false, away: false, mute: false };
const ALWAYS = ['none', 'self_signed', 'foreign', 'same_name', 'weak_key', 'forged_stranger', 'forged_server'] as const;

function means(more: Partial<Record<CredentialKind, number>> = {}, rest: Partial<Means> = {}): Means {
  const counts: Partial<Record<CredentialKind, number>> = {
    ...Object.fromEntries(ALWAYS.map((kind) => [kind, 1])),
    ...more,
  };
  return {
    count: (kind) => counts[kind] ?? 0,
    otherNames: [],
    forges: false,
    path: '/',
    thoroughness: 'full',
    ...rest,
  };
}

function planned(has: Means, found = BOTH, target = TARGET): readonly Probe[] {
  return [...firstProbes(target, has), ...furtherProbes(target, has, found)];
}

function seen(probe: Probe, saw: Saw): Observation {
  return { probe, saw, handshake: null, at: 0 };
}

const ANSWERED: Saw = {
  kind: 'answered',
  answer: {
    status: 200,
    server: null,
    location: null,
    type: null,
    title: null,
    bytes: 0,
    digest: '',
    complete: true,
    sketch: [],
    page: null,
    date: null,
    http3: false,
    echo: null,
  },
};

const amounts = fc.record({
  right: fc.nat({ max: 1 }),
  unwanted: fc.nat({ max: 3 }),
  neighbour: fc.nat({ max: 1 }),
  expired: fc.nat({ max: 1 }),
  forged: fc.nat({ max: 1 }),
});
const doors = fc.constantFrom<Target['door']>('https', 'http', 'other');
const founds = fc.record({
  versions: fc.constantFrom<Found['versions']>([], ['TLSv1.2'], ['TLSv1.3'], ['TLSv1.2', 'TLSv1.3']),
  http: fc.boolean(),
  away: fc.constant(false),
  mute: fc.constant(false),
});
const names = fc.constantFrom<readonly string[]>([], ['b.test'], ['b.test', 'c.test']);

describe('whatever is at hand and was found', () => {
  test('no probe is planned twice, and none shows what is not there', () => {
    fc.assert(
      fc.property(amounts, doors, founds, names, fc.boolean(), (more, door, found, otherNames, forges) => {
        const has = means(more, { otherNames, forges });
        const probes = planned(has, found, { ...TARGET, door });
        const texts = probes.map((probe) => JSON.stringify(probe));
        assert.equal(new Set(texts).size, texts.length);
        for (const { credential, turn } of probes) assert.ok(turn < has.count(credential), `${credential} ${turn}`);
      }),
    );
  });

  test('what is resumed was made by an earlier probe of the same version', () => {
    fc.assert(
      fc.property(amounts, founds, names, (more, found, otherNames) => {
        const probes = planned(means(more, { otherNames }), found);
        for (const [index, { resumes, tls }] of probes.entries()) {
          if (resumes === null) continue;
          const makes = (earlier: Probe) =>
            earlier.resumes === null &&
            earlier.tls === tls &&
            earlier.protocol === 'http/1.1' &&
            earlier.credential === resumes.credential &&
            earlier.sni === resumes.sni &&
            earlier.turn === resumes.turn &&
            earlier.otherName === resumes.otherName;
          assert.ok(probes.slice(0, index).some(makes), JSON.stringify(resumes));
        }
      }),
    );
  });

  test('another name is given exactly where one is said', () => {
    fc.assert(
      fc.property(amounts, doors, founds, names, (more, door, found, otherNames) => {
        for (const { sni, host, otherName } of planned(means(more, { otherNames }), found, { ...TARGET, door }))
          assert.equal(otherName !== null, sni === 'other' || host === 'other');
      }),
    );
  });
});

describe('the matrix', () => {
  test('is about forty looks with an identity and a foreign one', () => {
    const { length } = planned(means({ right: 1, unwanted: 1 }));
    assert.ok(length >= 35 && length <= 60, `${length}`);
  });

  test('shows every credential in both versions under the locked name', () => {
    const kinds: readonly CredentialKind[] = [
      'none',
      'self_signed',
      'foreign',
      'same_name',
      'right',
      'expired',
      'neighbour',
    ];
    const probes = planned(means({ right: 1, expired: 1, neighbour: 1 }));
    for (const kind of kinds) {
      const versions = probes.filter(
        ({ credential, sni, host, spelling, resumes, protocol, forges, tls }) =>
          credential === kind &&
          tls !== null &&
          [sni, host, spelling, protocol].join() === 'locked,locked,plain,http/1.1' &&
          resumes === null &&
          forges === null,
      );
      assert.deepEqual(
        versions.map(({ tls }) => tls),
        ['TLSv1.2', 'TLSv1.3'],
        kind,
      );
    }
  });

  test('is six looks by the front door where it has to be quick', () => {
    const probes = planned(means({ right: 1, unwanted: 2, neighbour: 1 }, { thoroughness: 'quick' }));
    const said = probes.map(({ credential, tls, sni, host }) => [credential, tls, sni, host].join(' ')).toSorted();
    const kinds: readonly CredentialKind[] = ['foreign', 'none', 'right'];
    assert.deepEqual(
      said,
      kinds.flatMap((kind) => ['TLSv1.2', 'TLSv1.3'].map((tls) => `${kind} ${tls} locked locked`)),
    );
  });

  test('keeps to the one version that a server speaks', () => {
    const first = firstProbes(TARGET, means());
    const found = foundIn(
      first.map((probe) =>
        seen(probe, probe.tls === 'TLSv1.3' ? { kind: 'alert', number: 70 } : { kind: 'alert', number: 40 }),
      ),
    );
    assert.deepEqual(found.versions, ['TLSv1.2']);
    const versions = furtherProbes(TARGET, means({ right: 1 }), found).map(({ tls }) => tls);
    assert.deepEqual([...new Set(versions)], ['TLSv1.2']);
  });

  test('still shows the right identity where strangers hear nothing', () => {
    const first = firstProbes(TARGET, means());
    const found = foundIn(first.map((probe) => seen(probe, { kind: 'silent', stage: 'handshake' })));
    const further = furtherProbes(TARGET, means({ right: 1 }), found);
    assert.deepEqual(
      further.map(({ credential }) => credential),
      ['right', 'right'],
    );
    const away = foundIn(first.map((probe) => seen(probe, { kind: 'unreachable', code: 'ECONNREFUSED' })));
    assert.deepEqual(furtherProbes(TARGET, means({ right: 1 }), away), []);
  });
});

describe('doors', () => {
  test('of plain HTTP are only asked in plain HTTP', () => {
    const probes = planned(
      means({ right: 1 }, { forges: true }),
      { ...BOTH, versions: [], http: true },
      { ...TARGET, door: 'http' },
    );
    assert.ok(probes.every(({ tls }) => tls === null));
    assert.ok(probes.some(({ forges }) => forges === 'success'));
  });

  test('that may be either are asked as what they turned out to be', () => {
    const other: Target = { ...TARGET, door: 'other' };
    const first = firstProbes(other, means());
    const plain = foundIn(
      first.map((probe) => seen(probe, probe.tls === null ? ANSWERED : { kind: 'unreadable', detail: 'x' })),
    );
    assert.ok(furtherProbes(other, means(), plain).every(({ tls }) => tls === null));
    const secure = foundIn(first.map((probe) => seen(probe, probe.tls === null ? { kind: 'closed' } : ANSWERED)));
    assert.ok(furtherProbes(other, means(), secure).every(({ tls }) => tls !== null));
  });
});
