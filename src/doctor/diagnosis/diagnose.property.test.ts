import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Observation } from '../observation.ts';
import type { CredentialKind } from '../probe.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { HERE, observations } from './notation.fixture.ts';

fc.configureGlobal({ numRuns: 500 });

const SHOP = '"<title>Shop</title> welcome to the shop of many fine things and more"';
const STRANGERS: readonly CredentialKind[] = ['none', 'self_signed', 'foreign', 'same_name', 'unwanted'];

const credential = fc.constantFrom(...STRANGERS, 'right', 'neighbour', 'expired', 'revoked', 'forged', 'forged_server');
const way = fc.constantFrom(
  '',
  ' h2',
  ' sni=none',
  ' sni=unknown',
  ' sni=other',
  ' spelling=upper_case',
  ' host=unknown',
);
const earlier = fc.constantFrom('', '', '', ' resumes=none@locked', ' resumes=none@other', ' resumes=right@locked');
const REFUSED = [
  'alert 116 asks',
  'alert 48 asks=CN=edge',
  'alert 40',
  'alert 112',
  '400 page=nginx_no_certificate server=nginx asks',
  '403 "no"',
  '421 "no"',
  'closed',
] as const;
const refused = fc.constantFrom(...REFUSED);
const came = fc.oneof(
  refused,
  fc.constantFrom(
    `200 ${SHOP} asks`,
    `200 ${SHOP} asks=none`,
    '200 "<title>Blog</title> words of another kind altogether, by somebody else"',
    '301 to=https://a.test/',
    '302 to=/login',
    '404 "nothing"',
    '502 "gone"',
    'silent handshake',
    'silent connecting',
    'refused',
    'unreadable rubbish',
    'not_resumed',
    'no_http2',
  ),
);
const line = fc
  .tuple(credential, fc.constantFrom(' 1.2', ' 1.3', ' 1.3', ' http'), way, earlier, came)
  .map((parts) => `${parts.slice(0, -1).join('')} -> ${parts.at(-1)}`);
const lines = fc.array(line, { maxLength: 14 });

function judgedOf(seen: readonly Observation[]): Diagnosis {
  return diagnose({ targets: [HERE], observations: seen, configuration: null, identity: null, notChecked: [] });
}

function seenIn(text: readonly string[]): readonly Observation[] {
  return observations(text.join('\n'));
}

/** Codes with all their evidence, in an order of their own. */
function gist({ verdict, findings }: Diagnosis): readonly string[] {
  return [verdict, ...findings.map(({ code }) => code).toSorted()];
}

describe('whatever was seen', () => {
  test('a stranger who gets what the right one gets opens the lock', () => {
    fc.assert(
      fc.property(
        lines,
        fc.constantFrom(...STRANGERS),
        fc.constantFrom(' 1.2', ' 1.3'),
        way,
        (others, who, tls, how) => {
          const text = ['right 1.3 -> 200', `${who}${tls}${how} -> 200`].map((one) => `${one} ${SHOP} asks`);
          const { verdict, findings } = judgedOf(seenIn([...others, ...text]));
          assert.equal(verdict, 'open');
          assert.ok(findings.length > 0);
        },
      ),
    );
  });

  test('without a right identity, whoever is let in where the edge knocks opens the lock', () => {
    const notRight = lines.map((all) => all.filter((one) => !one.startsWith('right')));
    fc.assert(
      fc.property(notRight, fc.constantFrom(...STRANGERS), (others, who) => {
        assert.equal(judgedOf(seenIn([...others, `${who} 1.3 -> 200 ${SHOP} asks`])).verdict, 'open');
      }),
    );
  });

  test('the order of what was seen does not matter', () => {
    const shuffled = lines.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        assert.deepEqual(gist(judgedOf(seenIn(one))), gist(judgedOf(seenIn(other))));
      }),
    );
  });

  test('one more who is refused opens nothing', () => {
    fc.assert(
      fc.property(lines, credential, way, refused, (all, who, how, what) => {
        const before = judgedOf(seenIn(all)).verdict;
        const after = judgedOf(seenIn([...all, `${who} 1.3${how} -> ${what}`])).verdict;
        assert.ok(before === 'open' || after !== 'open', `${before} became ${after}`);
      }),
    );
  });

  test('every finding names looks that were made, and what they saw', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const { findings, checked } = judgedOf(seenIn(all));
        const made = new Set(checked.map(({ probe, saw }) => `${probe} => ${saw}`));
        for (const { code, evidence } of findings)
          for (const { probe, saw } of evidence)
            assert.ok(made.has(`${probe} => ${saw}`), `${code}: ${probe} => ${saw}`);
      }),
    );
  });

  test('locked is said only where the bare caller was seen to be turned away', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const seen = seenIn(all);
        if (judgedOf(seen).verdict !== 'locked') return;
        const bare = seen.filter(
          ({ probe }) => probe.credential === 'none' && probe.tls !== null && probe.sni === 'locked',
        );
        assert.ok(bare.some(({ saw }) => ['alert', 'answered', 'closed'].includes(saw.kind)));
        assert.ok(bare.every(({ saw }) => saw.kind !== 'silent' && saw.kind !== 'unreachable'));
      }),
    );
  });

  test('with the right one let in and all others refused, it is locked', () => {
    const turnedAway = fc.constantFrom(
      'alert 116 asks',
      'alert 48 asks',
      '400 page=nginx_certificate_error asks',
      '403 "no" asks',
      'closed',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...STRANGERS), fc.constantFrom(' 1.2', ' 1.3'), turnedAway)),
        (all) => {
          const text = all.map(([who, tls, what]) => `${who}${tls} -> ${what}`);
          const right = ['right 1.2', 'right 1.3'].map((one) => `${one} -> 200 ${SHOP} asks`);
          assert.equal(judgedOf(seenIn([...text, 'none 1.3 -> alert 116 asks', ...right])).verdict, 'locked');
        },
      ),
    );
  });
});
