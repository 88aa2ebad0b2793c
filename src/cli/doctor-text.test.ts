import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { NOTHING_ACCEPTED } from '../doctor/report/acceptance.ts';
import { finding, HOSTILE, reportWith } from '../doctor/report/report.fixture.ts';
import type { Report } from '../doctor/view.ts';
import { reportText } from './doctor-text.ts';

function told(report: Report, change: Partial<Parameters<typeof reportText>[1]> = {}): string {
  const telling = { commands: () => [], accepted: NOTHING_ACCEPTED, columns: 80, ...change };
  return stripVTControlCharacters(reportText(report, telling));
}

function target(index: number, verdict: Report['verdict']) {
  return { host: `n${index}.test`, connect: '127.0.0.1:8443', door: 'https' as const, verdict };
}

describe('the text of a report', () => {
  test('begins with the verdicts, goes on with what is worst, and ends with what was not checked', () => {
    const text = told(
      reportWith(
        [finding({ code: 'no_revocation', severity: 'medium', title: 'Later.', detail: 'no list' }), finding()],
        {
          notChecked: [
            { what: 'one thing', why: 'no key' },
            { what: 'another', why: 'no key' },
            { what: 'a third', why: 'no UDP' },
          ],
        },
      ),
      { commands: ({ code }) => (code === 'optional' ? ['curl -k https://a.test/'] : []) },
    );
    assert.equal(
      text,
      `OPEN     a.test at 127.0.0.1:8443: others than the edge get in

CRITICAL The server asks for a certificate and lets callers without one in.
code     optional · NE-02
at       a.test at 127.0.0.1:8443
seen     no certificate, TLS 1.2: answered 200
try
  curl -k https://a.test/
do       Make the certificate a requirement instead of an option.

MEDIUM   Later.
code     no_revocation · NE-02
at       a.test at 127.0.0.1:8443
namely   no list
seen     no certificate, TLS 1.2: answered 200
do       Give the server the revocation lists, and keep them fresh.

postern doctor --explain optional  says more

Not checked
  - one thing; another: no key
  - a third: no UDP`,
    );
  });

  test('says the same thing at many places once', () => {
    const text = told(reportWith(Array.from({ length: 9 }, (_, index) => finding({ target: `n${index}.test at x` }))));
    assert.equal(text.match(/The server asks/g)?.length, 1);
    assert.match(text, /at {7}n0\.test at x\n.*\n.*\n {9}n3\.test at x\n {9}and 5 more\n/);
  });

  test('counts thousands of targets, and names those that are not locked first', () => {
    const targets = [...Array.from({ length: 2_000 }, (_, index) => target(index, 'locked')), target(2_000, 'broken')];
    const lines = told(reportWith([], { verdict: 'broken', targets })).split('\n');
    assert.equal(lines[0], 'BROKEN   n2000.test at 127.0.0.1:8443: the edge itself cannot pull');
    assert.equal(lines.at(-1), '… 2001 targets in all: 1 broken, 2000 locked');
    assert.ok(lines.length < 50);
  });

  test('says so where only the configuration opens a door', () => {
    const text = told(reportWith([], { targets: [target(1, 'locked')] }));
    assert.match(text, /^OPEN {5}as a whole, by the configuration/);
  });

  test('tells the lines of a server as lines to put in', () => {
    const text = told(reportWith([finding({ server: 'nginx', fix: '# in server { }\nssl_verify_client on;' })]));
    assert.match(text, /\nnginx:\n {4}# in server \{ \}\n {2}\+ ssl_verify_client on;$/m);
  });

  test('keeps to the columns, but for words that are longer', () => {
    const long = 'word '.repeat(60).trim();
    const text = told(
      reportWith([finding({ detail: long, title: long, evidence: [{ probe: long, saw: long }] })], {
        notChecked: [{ what: long, why: long }],
      }),
      { columns: 70 },
    );
    assert.ok(
      text.split('\n').every((line) => line.length <= 70),
      text,
    );
  });

  test('puts accepted findings apart, with their reason', () => {
    const text = told(reportWith([finding()]), {
      accepted: () => ({ reason: HOSTILE.slice(0, 5), until: '2027-01-01' }),
    });
    assert.doesNotMatch(text, /CRITICAL/);
    assert.match(text, /Accepted\n {2}optional at a\.test at 127\.0\.0\.1:8443, until 2027-01-01: <\/fai/);
  });
});
