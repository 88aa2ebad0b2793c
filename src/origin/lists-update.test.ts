import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Instant, instant } from '../domain/ids.ts';
import { crlPem, writeCrl } from '../pki/crl.ts';
import { type Authority, createAuthority, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { checkListUpdate, type ListFault } from './lists-update.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const DAY = 86_400_000;

async function authority(commonName: string): Promise<Authority> {
  const key = await generateKey();
  return createAuthority({
    profile: PROFILES.pullRoot,
    subject: { commonName },
    key,
    validity: validFor(NOW, 400 * DAY),
  });
}

let root: Authority;
let intermediate: Authority;
let stranger: Authority;
/** Of the name of the root, with another key. */
let double: Authority;
before(async () => {
  [root, intermediate, stranger, double] = await Promise.all([
    authority('root'),
    authority('intermediate'),
    authority('stranger'),
    authority('root'),
  ]);
});

function list(issuer: Authority, number = 7, from = -DAY, until = DAY): string {
  const times = { thisUpdate: instant(NOW + from), nextUpdate: instant(NOW + until) };
  return crlPem(writeCrl(issuer, { number, ...times, revoked: [] }));
}

function verdict(lists: string, installed: string | null = null, now: Instant = NOW): ListFault | 'good' {
  const cas = [root.certificate, intermediate.certificate];
  const checked = checkListUpdate({ lists, cas, installed, published: [] }, now);
  return checked.kind === 'good' ? 'good' : checked.code;
}

test('one list of each CA, signed by it and in force, may be installed', () => {
  const both = list(root) + list(intermediate);
  assert.equal(verdict(both), 'good');
  assert.equal(verdict(both, both), 'good', 'the same again');
  assert.equal(verdict(`# a remark\n${both}`, list(root, 6) + list(intermediate, 6)), 'good');
  assert.equal(verdict(both, 'no lists at all'), 'good', 'what is damaged is no reason to keep it');
});

test('an incomplete set is refused, since nginx would refuse everybody', () => {
  assert.equal(verdict(list(root)), 'list_missing');
  assert.equal(verdict(list(intermediate)), 'list_missing');
});

test('lists of CAs that the bundle does not hold are left out', () => {
  const cas = [root.certificate, intermediate.certificate];
  const own = list(root) + list(intermediate);
  for (const more of [list(stranger), list(double)]) {
    const checked = checkListUpdate({ lists: more + own, cas, installed: null, published: [] }, NOW);
    assert.ok(checked.kind === 'good');
    assert.equal(checked.text, own);
  }
});

test('lists that are older, foreign, ended or of the future are refused', () => {
  const other = list(intermediate);
  const rows: readonly (readonly [ListFault, ListFault | 'good'])[] = [
    ['lists_unreadable', verdict('')],
    ['lists_unreadable', verdict(root.certificate.pem)],
    ['lists_unreadable', verdict(list(root).slice(0, 200) + other)],
    ['list_foreign', verdict(list(stranger) + list(double))],
    ['list_missing', verdict(list(double) + other)],
    ['list_twice', verdict(list(root) + list(root, 8) + other)],
    ['list_older', verdict(list(root, 6) + other, list(root, 7) + other)],
    ['list_ended', verdict(list(root, 9, -DAY, -1) + other)],
    ['list_not_yet', verdict(list(root, 9, 1_000, DAY) + other)],
  ];
  for (const [expected, found] of rows) assert.equal(found, expected);
});

test('a list that its CA did not sign is refused, whichever byte was changed', () => {
  const der = Buffer.from(list(root).replace(/-----[A-Z0-9 ]+-----|\s/g, ''), 'base64');
  for (let at = 0; at < der.length; at += 1) {
    const changed = Buffer.from(der);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    assert.notEqual(verdict(crlPem(changed) + list(intermediate)), 'good', `byte ${at}`);
  }
});

test('a list of a CA of the own, which nobody publishes, is kept while it holds', () => {
  const own = list(intermediate, 3);
  const checked = checkListUpdate(
    {
      lists: list(root, 8),
      cas: [root.certificate, intermediate.certificate],
      installed: list(root, 7) + own,
      published: [],
    },
    NOW,
  );
  assert.ok(checked.kind === 'good');
  assert.ok(checked.text.endsWith(own));
  const [cas, installed] = [[root.certificate, intermediate.certificate], list(root) + own];
  const published = [intermediate.certificate.fingerprint];
  const left = checkListUpdate({ lists: list(root), cas, installed, published }, NOW);
  assert.deepEqual(left.kind === 'fault' && left.code, 'list_missing', 'one that was published is not left out');
  assert.equal(verdict(list(root, 8, -DAY, 30 * DAY), list(root) + own, instant(NOW + 2 * DAY)), 'list_ended');
});
