import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { NOTHING_ACCEPTED } from './acceptance.ts';
import { junit } from './junit.ts';
import { finding, HOSTILE, reportWith } from './report.fixture.ts';
import { xml } from './xml.ts';

test('a locked target is a case that passed, an open one and each finding a failure, an unknown one an error', () => {
  const text = junit(
    reportWith([finding(), finding({ code: 'no_revocation', target: null, where: { file: 'n.conf', line: 3 } })], {
      targets: [
        { host: 'a.test', connect: '127.0.0.1:8443', door: 'https', verdict: 'open' },
        { host: 'b.test', connect: '127.0.0.1:8443', door: 'https', verdict: 'locked' },
        { host: 'c.test', connect: '127.0.0.1:8443', door: 'https', verdict: 'unknown' },
      ],
    }),
    NOTHING_ACCEPTED,
  );
  assert.match(text, /<testsuites name="postern doctor" tests="5" failures="3" errors="1" skipped="0">/);
  assert.match(text, /<testcase classname="b\.test at 127\.0\.0\.1:8443" name="is locked"\/>/);
  assert.match(text, /name="is locked">\n {6}<error message="The verdict is unknown\.">/);
  assert.match(text, /<testsuite name="configuration"[^>]*>\n {4}<testcase [^>]*name="no_revocation \(n\.conf:3\)">/);
});

test('an accepted finding is skipped, with the reason', () => {
  const text = junit(reportWith([finding()]), () => ({ reason: 'known & wanted', until: '2027-01-01' }));
  assert.match(text, /<skipped message="Accepted until 2027-01-01: known &amp; wanted"><\/skipped>/);
});

test('what a server says stays text', () => {
  const text = junit(
    reportWith([finding({ detail: HOSTILE, evidence: [{ probe: HOSTILE, saw: HOSTILE }], target: HOSTILE })]),
    NOTHING_ACCEPTED,
  );
  // The parser of Python is another judge than our own idea of XML.
  const parse =
    'import sys, xml.etree.ElementTree as e\nfor f in e.fromstring(sys.stdin.buffer.read()).iter("failure"): print(f.text or "")';
  const { stdout, status, stderr } = spawnSync('python3', ['-c', parse], { input: text, encoding: 'utf8' });
  if (status === null) assert.doesNotMatch(text, /<img/);
  else {
    assert.equal(status, 0, stderr);
    assert.match(stdout, /<\/failure>\]\]>&"' \| `x` <img src=x> @everyone/);
  }
});

test('characters that XML has no place for are replaced', () => {
  assert.equal(xml('a\u0000\u001b\ud800b<&>"\''), 'a\ufffd\ufffd\ufffdb&lt;&amp;&gt;&quot;&apos;');
});
