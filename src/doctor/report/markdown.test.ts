import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING_ACCEPTED } from './acceptance.ts';
import { markdown } from './markdown.ts';
import { finding, HOSTILE, reportWith } from './report.fixture.ts';

test('a comment says the verdict, each target, each finding with its fix, and what was not checked', () => {
  const text = markdown(
    reportWith([finding({ where: { file: 'n.conf', line: 3 } })], { notChecked: [{ what: 'HTTP/3', why: 'no UDP' }] }),
    NOTHING_ACCEPTED,
  );
  assert.match(text, /^## Doctor: Open/);
  assert.match(text, /\| `a\.test` \| `127\.0\.0\.1:8443` \| https \| \*\*open\*\* \|/);
  assert.match(text, /### critical: The server asks/);
  assert.match(text, /`optional` · NE-02 · `n\.conf:3`/);
  assert.match(text, /Make the certificate a requirement/);
  assert.match(text, /- `HTTP\/3`: `no UDP`/);
});

test('what a server says stands in code, with longer fences than it has itself', () => {
  const text = markdown(
    reportWith([finding({ detail: HOSTILE, evidence: [{ probe: '```\n# big', saw: HOSTILE }] })], {
      notChecked: [{ what: HOSTILE, why: '`' }],
    }),
    NOTHING_ACCEPTED,
  );
  assert.equal(outsideCode(text).includes('<img'), false, outsideCode(text));
  assert.equal(outsideCode(text).includes('@everyone'), false);
  assert.equal(/^# big/m.test(outsideCode(text)), false);
});

test('an accepted finding stands among the accepted ones only', () => {
  const text = markdown(reportWith([finding()]), () => ({ reason: 'known', until: '2027-01-01' }));
  assert.doesNotMatch(text, /### critical/);
  assert.match(text, /### Accepted\n\n- `optional`, until 2027-01-01: `known`/);
});

/** The text without its fenced blocks and code spans, as CommonMark §4.5 and §6.1 delimit them. */
function outsideCode(text: string): string {
  const blocks = text.replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '');
  return blocks.replace(/(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, '');
}
