import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { recordingEdge } from '../control-plane.fixture.ts';
import { codes, idOf, NOW, startApi, textOf } from './api.fixture.ts';

async function world(t: TestContext, limits = {}) {
  const api = await startApi(t, { limits });
  const id = await api.zone('example.test');
  const hostnames = `/zones/${id}/origin_tls_client_auth/hostnames`;
  return { ...api, id, hostnames, path: `/postern/v1/zones/${id}/managed_certificates` };
}

const DAY = 86_400_000;

test('an issued certificate is for the hostnames, presented by them, and its key goes to the edge alone', async (t) => {
  const { call, path, hostnames, plane, id, logged } = await world(t);
  const body = { hostnames: ['WWW.example.test.', '*.example.test', 'www.example.test'], lifetime_days: 7 };
  const issued = await call('POST', path, body);
  assert.equal(issued.status, 200, JSON.stringify(issued.errors));
  const { result } = issued;
  assert.deepEqual(result['dns_names'], ['www.example.test', '*.example.test']);
  assert.deepEqual([result['source'], result['level'], result['key_type']], ['managed', 'hostname', 'ec:P-256']);
  assert.equal(Date.parse(textOf(result['expires_on'])), Math.floor((NOW + 7 * DAY) / 1000) * 1000);
  const association = await call('GET', `${hostnames}/www.example.test`);
  assert.equal(association.result['cert_id'], idOf(result));
  const [listed] = [...(await call('GET', `${hostnames}/certificates`)).result];
  assert.deepEqual([listed?.['id'], listed?.['source']], [idOf(result), 'managed']);

  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say({ kind: 'hello', edge: 'edge' });
  await edge.seen((message) => message.kind === 'key' && message.certificate === idOf(result));
  assert.ok(!JSON.stringify([issued, association, logged]).includes('PRIVATE KEY'));
  const [entry] = [...(await call('GET', `/postern/v1/audit?zone=${id}&action=issue_certificate`)).result];
  assert.ok(JSON.stringify(entry).includes(idOf(result)));
});

test('it is deleted once no hostname names it', async (t) => {
  const { call, path, hostnames } = await world(t);
  const { result } = await call('POST', path, { hostnames: ['www.example.test'] });
  const certificate = `${hostnames}/certificates/${idOf(result)}`;
  assert.deepEqual(codes(await call('DELETE', certificate)), [1433]);
  const config = [{ hostname: 'www.example.test', cert_id: idOf(result), enabled: null }];
  await call('PUT', hostnames, { config });
  assert.equal((await call('DELETE', certificate)).status, 200);
  const unused = await call('POST', path, { hostnames: ['api.example.test'], associate: false });
  assert.equal((await call('DELETE', `${hostnames}/certificates/${idOf(unused.result)}`)).status, 200);
});

test('bad wishes are refused with the field and its bounds', async (t) => {
  const { call, path, id } = await world(t, { aopCertificatesPerZone: 1 });
  const wrong: readonly (readonly [object, number, string, RegExp])[] = [
    [{ hostnames: [] }, 6007, '/hostnames', /must not be empty/],
    [{ hostnames: ['no name'] }, 6007, '/hostnames/0', /is not a hostname/],
    [{ hostnames: ['www.example.test', 'www.other.test'] }, 1416, '/hostnames/1', /is not in example\.test/],
    [{ hostnames: ['www.example.test'], key_type: 'dsa' }, 6007, '/key_type', /must be one of ec:P-256, /],
    [{ hostnames: ['www.example.test'], lifetime_days: 0 }, 6007, '/lifetime_days', /from 1 to 365/],
    [{ hostnames: ['www.example.test'], lifetime_days: 366 }, 6007, '/lifetime_days', /from 1 to 365/],
  ];
  for (const [body, code, pointer, words] of wrong) {
    const refused = await call('POST', path, body);
    assert.deepEqual([codes(refused), refused.errors[0]?.source?.pointer], [[code], pointer]);
    assert.match(refused.errors[0]?.message ?? '', words);
  }
  assert.equal((await call('POST', path, { hostnames: ['www.example.test'] })).status, 200);
  const full = await call('POST', path, { hostnames: ['api.example.test'] });
  assert.deepEqual(codes(full), [1420]);
  const rotation = { what: 'leaf', lifetime_days: 400 };
  const refused = await call('POST', `/postern/v1/zones/${id}/rotations`, rotation);
  assert.equal(refused.errors[0]?.source?.pointer, '/lifetime_days');
});
