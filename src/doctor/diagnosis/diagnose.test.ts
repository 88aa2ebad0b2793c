import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RightIdentity } from '../right-identity.ts';
import type { Target } from '../target.ts';
import type { Examined } from './diagnose.ts';
import { HERE, judged } from './notation.fixture.ts';
import { refsOf } from './refs.ts';

const SHOP = '"<title>Shop</title> welcome to the shop of many fine things and more"';
const BLOG = '"<title>Blog</title> words of another kind altogether, by somebody else"';
const LOCKED = `
  none 1.2 -> alert 40 asks=CN=edge
  none 1.3 -> alert 116 asks=CN=edge
  foreign 1.3 -> alert 48 asks=CN=edge`;
const RIGHT = `
  right 1.2 -> 200 ${SHOP} asks=CN=edge
  right 1.3 -> 200 ${SHOP} asks=CN=edge`;
const IDENTITY: RightIdentity = { keyKind: 'ec', issuers: ['CN=edge'], shared: false, lacksIntermediate: false };

type More = Parameters<typeof judged>[1];

/** The verdict, and the code and first entry of the catalogue of each finding. */
function gist(text: string, more: More = {}): readonly string[] {
  const { verdict, findings } = judged(text, more);
  return [verdict, ...findings.map((finding) => [finding.code, refsOf(finding)[0]].join(' ').trim())];
}

/** The first entries that a finding stands for. */
function refs(text: string, code: string): readonly string[] {
  const found = judged(text).findings.find((one) => one.code === code);
  return found === undefined ? [] : refsOf(found);
}

describe('who gets in where the edge knocks', () => {
  const rows: readonly [title: string, seen: string, verdict: string, code?: string][] = [
    [
      'nobody is asked',
      `none 1.3 -> 200 ${SHOP} asks=none\nforeign 1.3 -> 200 ${SHOP} asks=none`,
      'open',
      'not_asked NE-01',
    ],
    [
      'asked, and verified if given',
      `none 1.3 -> 200 ${SHOP} asks\nforeign 1.3 -> alert 48 asks`,
      'open',
      'optional NE-02',
    ],
    [
      'asked, and nothing verified',
      `none 1.3 -> 200 ${SHOP} asks\nself_signed 1.3 -> 200 ${SHOP} asks`,
      'open',
      'unverified NE-03',
    ],
    [
      'any certificate',
      `${LOCKED.replace('foreign 1.3 -> alert 48', `foreign 1.3 -> 200 ${SHOP}`)}\nself_signed 1.3 -> 200 ${SHOP}`,
      'open',
      'any_certificate NE-20',
    ],
    ['one of the same name', `${LOCKED}\nsame_name 1.3 -> 200 ${SHOP}`, 'open', 'issuer_by_name TT-15'],
    [
      'a foreign one alone',
      `none 1.3 -> alert 116\nself_signed 1.3 -> alert 48\nforeign 1.3 -> 200 ${SHOP}`,
      'open',
      'foreign_admitted TT-01',
    ],
    ['one that must be refused', `${LOCKED}\nunwanted 1.3 -> 200 ${SHOP}`, 'open', 'neighbour_admitted TT-04'],
    ['an expired one', `${LOCKED}${RIGHT}\nexpired 1.3 -> 200 ${SHOP}`, 'open', 'dated_admitted NE-19'],
    [
      'one of the same authority',
      `${LOCKED}${RIGHT}\nneighbour 1.3 -> 200 ${SHOP}`,
      'locked',
      'neighbour_could_pass TT-04',
    ],
    ['a revoked one', `${LOCKED}${RIGHT}\nrevoked 1.3 -> 200 ${SHOP}`, 'locked', 'no_revocation TT-11'],
    [
      'one of two versions',
      `none 1.2 -> 200 ${SHOP} asks\nnone 1.3 -> alert 116 asks\nforeign 1.3 -> alert 48`,
      'open',
      'optional NE-02',
    ],
    [
      'a path of two',
      `none 1.3 path=/admin -> 403 "no" asks${RIGHT}\nright 1.3 path=/admin -> 200 ${BLOG}\nnone 1.3 -> 200 ${SHOP} asks`,
      'open',
      'some_paths_only NE-05',
    ],
  ];
  for (const [title, seen, verdict, code] of rows)
    test(title, () => assert.deepEqual(gist(seen), code === undefined ? [verdict] : [verdict, code]));

  test('stands for what looks the same, as far as the server can show it', () => {
    const optional = `none 1.3 -> 200 ${SHOP} asks`;
    assert.ok(refs(`${optional}\nforeign 1.3 -> alert 48`, 'optional').includes('NE-18'));
    const nginx = `${optional} server=nginx\nnone http -> 400 "plain" page=nginx_plain_http server=nginx`;
    assert.ok(!refs(nginx, 'optional').includes('NE-18'));
  });
});

describe('what a refusal is', () => {
  const rows: readonly [title: string, seen: string, verdict: string, code?: string][] = [
    ['an alert about certificates', LOCKED, 'locked'],
    ["nginx's page", 'none 1.3 -> 400 "x" page=nginx_no_certificate asks', 'locked'],
    ['the alert of Mbed TLS', 'none 1.3 -> alert 41 asks', 'locked'],
    ['the alert of old Go', 'none 1.3 -> alert 42 asks\nforeign 1.3 -> alert 42', 'locked'],
    ['a failed handshake where a certificate was asked for', 'none 1.2 -> alert 40 asks', 'locked'],
    ['a failed handshake where nothing is known', 'none 1.2 -> alert 40', 'unknown', 'refusal_unexplained'],
    ['403 without anything to compare', 'none 1.3 -> 403 "no" asks', 'unknown', 'refusal_unexplained'],
    ['403 where the right one gets in', `none 1.3 -> 403 "no" asks${RIGHT}`, 'locked'],
    ['421 where the right one gets in', `none 1.3 -> 421 "no" asks${RIGHT}`, 'locked'],
    ['a page of 404 where the right one gets in', `none 1.3 -> 404 "no" asks${RIGHT}`, 'locked'],
    ['closing where the right one gets in', `none 1.3 -> closed asks${RIGHT}`, 'locked'],
    ['closing, with nothing to compare', 'none 1.3 -> closed asks', 'unknown', 'refusal_unexplained'],
    ['403 where nobody was asked', 'none 1.3 -> 403 "no" asks=none', 'unknown', 'refused_unasked HT-06'],
    ['silence', 'none 1.3 -> silent connecting\nnone 1.2 -> silent connecting', 'unknown', 'not_reached'],
    ['a port without a listener', 'none 1.3 -> refused\nnone 1.2 -> refused', 'unknown', 'not_reached'],
    ['TLS, and then silence', 'none 1.3 -> silent answer asks', 'unknown', 'no_clear_answer'],
    ['something else than TLS', 'none 1.3 -> unreadable SSH', 'unknown', 'no_clear_answer'],
    ['a name that nobody knows', 'none 1.3 -> alert 112', 'unknown', 'name_unknown LO-09'],
    ['a page of its own with 200', `none 1.3 -> 200 ${BLOG} asks${RIGHT}`, 'unknown', 'answer_unclear'],
    [
      'an error that the right one gets, too',
      'none 1.3 -> 404 "gone" asks\nright 1.3 -> 404 "gone" asks',
      'unknown',
      'answer_unclear',
    ],
    [
      'an error of the application, behind a lock',
      'none 1.3 -> alert 116 asks\nright 1.3 -> 502 "gone" asks',
      'locked',
    ],
    ['a redirect of the application', 'none 1.3 -> 302 to=https://a.test/login asks', 'open', 'optional NE-02'],
    ['a redirect to somewhere else', 'none 1.3 -> 302 to=https://www.example.test/ asks', 'unknown', 'answer_unclear'],
    ['the same, where the right one gets in', `none 1.3 -> 302 to=https://www.example.test/ asks${RIGHT}`, 'locked'],
    [
      'closing for everybody, and nobody asked',
      'none 1.3 -> closed\nnone 1.2 -> closed\nright 1.3 -> closed\nright 1.2 -> closed',
      'unknown',
      'refusal_unexplained',
    ],
    ['nothing at all', '', 'unknown', 'no_clear_answer'],
  ];
  for (const [title, seen, verdict, code] of rows)
    test(title, () => assert.deepEqual(gist(seen), code === undefined ? [verdict] : [verdict, code]));
});

describe('other names and sessions', () => {
  const rows: readonly [title: string, seen: string, verdict: string, code?: string][] = [
    ['an open name in the handshake', `${RIGHT}\nnone 1.3 sni=other -> 200 ${SHOP}`, 'open', 'name_mismatch NE-08'],
    [
      'the same, unknown what the right one gets',
      `none 1.3 sni=other -> 200 ${SHOP}\nnone 1.3 sni=other host=other -> 200 ${BLOG}`,
      'open',
      'name_mismatch NE-08',
    ],
    [
      'the application under another name',
      `${RIGHT}\nnone 1.3 sni=other host=other -> 200 ${SHOP}`,
      'open',
      'open_sibling NE-07',
    ],
    ['another site under another name', `${RIGHT}\nnone 1.3 sni=other host=other -> 200 ${BLOG}`, 'locked'],
    [
      'a page for unknown names, of the open site',
      `\nnone 1.3 sni=other host=other -> 200 ${BLOG}\nnone 1.3 sni=none host=unknown -> 200 ${BLOG}`,
      'locked',
    ],
    [
      'a page for unknown names, of nobody knows whom',
      `\nnone 1.3 sni=none host=unknown -> 200 ${SHOP}`,
      'unknown',
      'unmatched_names NE-27',
    ],
    [
      'the page with which a server is delivered',
      '\nnone 1.3 sni=none host=unknown -> 200 "hello" page=default_page',
      'locked',
    ],
    [
      'an authority for unknown names',
      `${RIGHT}\nunwanted 1.3 -> alert 48\nunwanted 1.3 sni=none -> 200 ${SHOP}`,
      'open',
      'two_authorities NE-09',
    ],
    ['another spelling', `${RIGHT}\nnone 1.3 spelling=with_port -> 200 ${SHOP}`, 'open', 'host_deny_list NE-21'],
    [
      'a session of an open name',
      `${RIGHT}\nnone 1.3 resumes=none@other -> 200 ${SHOP}`,
      'open',
      'foreign_session NE-13',
    ],
    [
      'a session of no certificate',
      `${RIGHT}\nnone 1.3 resumes=none@locked -> 200 ${SHOP}`,
      'open',
      'certificateless_session NE-14',
    ],
    [
      'a session of another authority',
      `${RIGHT}\nnone 1.3 resumes=unwanted@other -> 200 ${SHOP}`,
      'open',
      'session_of_other_authority TT-16',
    ],
    [
      'a session of the right one',
      `${RIGHT}\nnone 1.3 resumes=right@locked -> 200 ${SHOP}`,
      'locked',
      'lasting_sessions NE-24',
    ],
    ['a session that is not taken up', `${RIGHT}\nnone 1.3 resumes=none@other -> not_resumed`, 'locked'],
    ['a header that the caller set', `${RIGHT}\nnone 1.3 forges=success -> 200 ${SHOP}`, 'open', 'header_passed HT-01'],
    ['early data', `${RIGHT}\nright 1.3 h2 -> 200 ${SHOP} early`, 'locked', 'early_data NE-15'],
  ];
  for (const [title, seen, verdict, code] of rows)
    test(title, () =>
      assert.deepEqual(
        gist(`${LOCKED}${seen.startsWith('\n') ? '' : '\n'}${seen}`),
        code === undefined ? [verdict] : [verdict, code],
      ),
    );
});

describe('other doors', () => {
  const http: Target = { ...HERE, port: 8080, door: 'http' };
  const other: Target = { ...HERE, port: 3000, door: 'other' };
  const ipv6: Target = { ...HERE, address: '::1' };
  const rows: readonly [title: string, target: Target, seen: string, verdict: string, code?: string][] = [
    ['a redirect to HTTPS', http, 'none http -> 301 to=https://a.test/', 'locked'],
    ['a redirect to plain HTTP', http, 'none http -> 301 to=http://a.test/shop', 'unknown', 'answer_unclear'],
    ['a redirect to HTTPS of another name', http, 'none http -> 301 to=https://www.a.test/', 'locked'],
    ['a redirect within', http, 'none http -> 302 to=/login', 'unknown', 'answer_unclear'],
    ['the application', http, `none http -> 200 ${SHOP}`, 'open', 'plain_http NE-10'],
    ['another page', http, `none http -> 200 ${BLOG}`, 'locked'],
    ['an error', http, 'none http -> 404 "no"', 'locked'],
    ['no listener', http, 'none http -> refused', 'locked'],
    ['silence', http, 'none http -> silent connecting', 'unknown', 'not_reached'],
    [
      "the application's own port",
      other,
      `none 1.3 -> closed\nnone http -> 200 ${SHOP}\nright 1.3 -> closed`,
      'open',
      'application_port NE-23',
    ],
    ['another port with TLS', other, `none 1.3 -> 200 ${SHOP} asks=none`, 'open', 'other_port NE-11'],
    ['a closed port', other, 'none 1.3 -> refused\nnone http -> refused', 'locked'],
    ['IPv6', ipv6, `none 1.3 -> 200 ${SHOP} asks=none`, 'open', 'ipv6_open NE-12'],
  ];
  for (const [title, target, seen, verdict, code] of rows)
    test(title, () =>
      assert.deepEqual(
        gist(`${LOCKED}${RIGHT}`, { others: [[target, seen]] }),
        code === undefined ? [verdict] : [verdict, code],
      ),
    );

  test('are open by what the right one gets, or without it by what answers for the name', () => {
    assert.deepEqual(gist(LOCKED, { others: [[http, `none http -> 200 ${SHOP}`]] }), ['open', 'plain_http NE-10']);
    const stock = 'none http -> 200 "hello" page=default_page';
    assert.deepEqual(gist(LOCKED, { others: [[http, stock]] }), ['locked', 'welcome_page NE-10']);
    // Where the locked site is that very page, it is the application.
    const site = 'right 1.3 -> 200 "hello" page=default_page';
    assert.deepEqual(gist(`${LOCKED}\n${site}`, { others: [[http, stock]] }), ['open', 'plain_http NE-10']);
  });
});

describe('the edge kept out', () => {
  const rows: readonly [title: string, came: string, code: string][] = [
    ['unknown authority', 'alert 48', 'edge_refused LO-04'],
    ['expired', 'alert 45', 'authority_expired LO-05'],
    ['not yet valid', 'alert 42', 'clock_skew LO-07'],
    ['revoked', 'alert 44', 'identity_revoked LO-06'],
    ['list out of date', 'alert 46', 'revocation_stale LO-06'],
    ['not for clients', 'alert 43', 'identity_purpose TT-06'],
    ['chain too long', 'alert 80', 'depth_too_small TT-08'],
    ['nothing was sent', 'alert 116', 'certificate_lost LO-11'],
    ['name unknown', 'alert 112', 'name_unknown LO-09'],
    ["nginx's page", '400 "x" page=nginx_certificate_error', 'edge_refused_unsaid LO-04'],
    ['closed', 'closed', 'edge_refused_unsaid LO-04'],
    ['forbidden', '403 "no"', 'pin_refused TT-05'],
  ];
  for (const [title, came, code] of rows)
    test(title, () =>
      assert.deepEqual(gist(`${LOCKED}\nright 1.2 -> ${came}\nright 1.3 -> ${came}`), ['broken', code]),
    );

  test('in the newest version alone, or on resumption', () => {
    assert.deepEqual(gist(`${LOCKED}\nright 1.2 -> 200 ${SHOP}\nright 1.3 -> alert 48`), [
      'broken',
      'edge_refused_in_part LO-10',
    ]);
    const late = `none 1.2 -> 403 "no" asks=none\nnone 1.3 -> 403 "no" asks=none`;
    assert.deepEqual(gist(`${late}\nright 1.2 -> 200 ${SHOP}\nright 1.3 -> 403 "no"`), [
      'broken',
      'verified_by_path NE-16',
    ]);
    const again = `${LOCKED}${RIGHT}\nright 1.3 resumes=right@locked -> 403 "no"`;
    assert.deepEqual(gist(again), ['broken', 'resumed_refused LO-14']);
  });

  test('is locked where only an older way is missing', () => {
    assert.deepEqual(
      gist(`none 1.2 -> alert 70\nright 1.2 -> alert 70\nnone 1.3 -> alert 116 asks\nright 1.3 -> 200 ${SHOP}`),
      ['locked', 'tls_version LO-10'],
    );
    assert.deepEqual(gist(`${LOCKED}${RIGHT}\nright 1.3 h2 -> alert 120\nnone 1.3 h2 -> no_http2`), ['locked']);
  });

  test('is unknown where the right one met silence', () => {
    assert.equal(judged(`${LOCKED}\nright 1.3 -> silent answer`).verdict, 'unknown');
  });

  test('by the chain alone, where its key is not at hand', () => {
    const stranger = 'forged_stranger 1.3 -> alert 48';
    assert.deepEqual(gist(`${LOCKED}\n${stranger}\nforged 1.3 -> alert 45`), ['broken', 'authority_expired LO-05']);
    const accepted = judged(`${LOCKED}\n${stranger}\nforged 1.3 -> alert 51`);
    assert.equal(accepted.verdict, 'locked');
    assert.ok(accepted.notChecked.some(({ what }) => what.includes('with the key')));
    const mute = judged(`${LOCKED}\nforged_stranger 1.3 -> alert 51\nforged 1.3 -> alert 51`);
    assert.ok(mute.notChecked.some(({ what }) => what.includes('would be accepted')));
    assert.deepEqual(gist(`${LOCKED}\n${stranger}\nforged_server 1.3 -> alert 51`), [
      'locked',
      'shared_authority TT-07',
    ]);
  });

  test('by a clock that is far away', () => {
    const late = judged(`${LOCKED}\nright 1.3 -> 200 ${SHOP} minutes=-90`);
    assert.deepEqual(
      late.findings.map(({ code, detail }) => `${code}: ${detail}`),
      ['clock_skew: It is 90 minutes behind.'],
    );
  });
});

describe('what is asked for', () => {
  const asking = (words: string) => `none 1.3 -> alert 116 ${words}\nright 1.3 -> 200 ${SHOP}`;
  const told = (words: string, identity: Examined['identity'] = null) => gist(asking(words), { identity });
  test('many authorities', () => {
    assert.deepEqual(told('asks=CN=x count=30'), ['locked', 'public_authorities TT-01']);
    assert.deepEqual(told('asks=CN=x count=144'), ['unknown', 'public_authorities TT-01', 'ca_file_large LO-17']);
  });
  test('authorities of the web, which sign for everybody: not open, for nobody was seen inside, and not locked', () => {
    const words = 'asks=CN=Actalis_Authentication_Root_CA|CN=edge';
    assert.deepEqual(told(words), ['unknown', 'public_authorities TT-01']);
    const { notChecked } = judged(asking(words));
    assert.ok(notChecked.some(({ what }) => /public authority is let in/.test(what)));
    const inside = judged(`${asking(words)}\nunwanted 1.3 -> 200 ${SHOP}`);
    assert.equal(inside.verdict, 'open');
    assert.ok(inside.findings.some(({ code }) => code === 'public_authorities'));
  });
  test("Cloudflare's two", () => {
    assert.deepEqual(told('asks=OU=CloudFlare_Origin_SSL_ECC_Certificate_Authority'), ['locked', 'origin_ca TT-03']);
    assert.deepEqual(told('asks=CN=origin-pull.cloudflare.net'), ['locked', 'shared_identity TT-04']);
  });
  test('not the issuer of the right one', () => {
    assert.deepEqual(told('asks=CN=else', IDENTITY), ['locked', 'names_announced LO-12']);
    assert.deepEqual(told('asks=CN=edge', IDENTITY), ['locked']);
  });
  test('signatures of another kind', () => {
    const rsa = 'asks=CN=edge schemes=rsa_pss_rsae_sha256|rsa_pkcs1_sha256';
    assert.deepEqual(told(rsa, IDENTITY), ['locked', 'key_kind LO-11']);
    assert.deepEqual(told(`${rsa}|ecdsa_secp256r1_sha256`, IDENTITY), ['locked']);
  });
});

describe('pages that change', () => {
  const page = (time: string, site = 'shop') =>
    `200 "Welcome to the ${site}, it is ${time} now and the weather is fine for all of us here today"`;
  const right = `${LOCKED}\nright 1.2 -> ${page('ten')}\nright 1.3 -> ${page('noon')}`;
  test('are known again', () => {
    assert.deepEqual(gist(`${right}\nnone 1.3 sni=none -> ${page('six')}`), ['open', 'name_mismatch NE-08']);
    assert.deepEqual(gist(`${right}\nnone 1.3 sni=other host=other -> ${page('six')}`), ['open', 'open_sibling NE-07']);
  });
  test('are told from another instance of the same program', () => {
    assert.deepEqual(gist(`${right}\nnone 1.3 sni=other host=other -> ${page('six', 'garden')}`), [
      'locked',
      'sibling_alike NE-07',
    ]);
  });
});

test('what makes the verdict what it is is marked, and nothing beside it', () => {
  const { findings } = judged(`none 1.3 -> 200 ${SHOP} asks=none\nforeign 1.3 -> 200 ${SHOP} asks=none`);
  assert.deepEqual(
    findings.filter(({ decides }) => decides === true).map(({ code }) => code),
    ['not_asked'],
  );
  assert.ok(judged(`${LOCKED}${RIGHT}`, { identity: IDENTITY }).findings.every(({ decides }) => decides === undefined));
});
