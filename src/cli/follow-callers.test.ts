import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CALLERS } from '../domain/callers.ts';
import { reportText } from './follow-callers.ts';

const AT = '2031-01-31T12:00:00Z';
const report = { host: 'web-1', lock: 'www', batch: 'a'.repeat(32), hostnames: ['www.example.test'] };
const slot = { ...NO_CALLERS, at: AT, examples: [] };

test('who comes by no name of the lock is told in lines of their own, and only where somebody does', () => {
  const counts = [{ ...slot, hostname: 'www.example.test', accepted: 38, looks: 1 }];
  const own =
    "www.example.test: 38 with the certificate of the edge, 0 without one, 0 with another, 1 look of Postern's own";
  assert.equal(reportText({ ...report, counts }), own);
  const others = [
    { ...slot, without: 2, accepted: 1 },
    { ...slot, foreign: 1 },
  ];
  assert.deepEqual(reportText({ ...report, counts, by_other_names: others }).split('\n'), [
    own,
    '3 by another name or by the address: they would be refused too',
    '1 with a certificate, by another name: refused too where the server does not have it',
  ]);
});
