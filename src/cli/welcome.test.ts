import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { instant } from '../domain/ids.ts';
import { welcome } from './welcome.ts';

const URL = 'http://127.0.0.1:8400';
const UP = {
  dashboard: `${URL}/dashboard/`,
  api_url: URL,
  https: '0.0.0.0:8443',
  bootstrap_token_file: '/srv/my data/bootstrap-token',
};
const INVITATION = { code: 'c'.repeat(43), expiresAt: instant(new Date(2030, 0, 1, 14, 32, 59).getTime()) };

type Given = Parameters<typeof welcome>;

function lines(...given: Given): readonly string[] {
  return stripVTControlCharacters(welcome(...given)).split('\n');
}

test('who starts Postern in a terminal gets one address that signs in, and is told how often and until when', () => {
  const told = lines(UP, INVITATION);
  const at = told.indexOf(`  ${URL}/#sign-in=${INVITATION.code}`);
  assert.deepEqual(told.slice(at - 2, at), ['  Open this address. It signs you in, once, until 14:32:', '']);
  assert.ok(told.includes("  Token       cat '/srv/my data/bootstrap-token'"));
  assert.ok(told.includes('  Edge        0.0.0.0:8443, over TLS'));
  assert.deepEqual(
    told.filter((line) => line.length > 80),
    [],
  );
});

test('where no address signs in, the dashboard and the token are told as well', () => {
  const told = lines(UP, null);
  assert.ok(told.includes(`  Dashboard   ${URL}/dashboard/`));
  assert.equal(
    told.findIndex((line) => line.includes('#')),
    -1,
  );
  const gone = lines({ ...UP, dashboard: null, bootstrap_token_file: null }, null);
  assert.ok(gone.includes('  Token       one of yours: the first has no file any more'));
  assert.ok(gone.includes(`  API         ${URL}`));
});
