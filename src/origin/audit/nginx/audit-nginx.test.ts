import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { BROKEN, REMARKED } from './faulty.fixture.ts';
import { HOLDING } from './holding.fixture.ts';
import { OPEN } from './open.fixture.ts';
import { APP, CERT, http, LOCK, site } from './pieces.fixture.ts';
import { audited, auditFiles, grave, overall } from '../audit.fixture.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

describe('nginx: below HTTP', () => {
  const lock = (verify: string) =>
    `events {} stream { server { listen 443 ssl; ${CERT} ssl_client_certificate edge-ca.pem; ssl_verify_client ${verify}; proxy_pass 127.0.0.1:3000; } }`;
  for (const [title, text, verdict, expected] of [
    ['a lock of its own', lock('on'), 'locked', []],
    ['NE-02 optional', lock('optional'), 'open', ['optional']],
    [
      'NE-23 around a lock',
      `${http(site(`${LOCK} ${APP}`))} stream { server { listen 4443; proxy_pass 127.0.0.1:3000; } }`,
      'open',
      ['application_port'],
    ],
    [
      'passed on to the lock itself',
      `${http(site(`${LOCK} ${APP}`, 'listen 8443 ssl;'))} stream { map $ssl_preread_server_name $to { default 127.0.0.1:8443; }
        server { listen 443; ssl_preread on; proxy_pass $to; } }`,
      'locked',
      [],
    ],
  ] as const) {
    test(title, () => {
      const reading = audited(files, { server: 'nginx', text });
      assert.deepEqual({ verdict: overall(reading), grave: grave(reading) }, { verdict, grave: [...expected] });
    });
  }
});

describe('nginx: what the application hears', () => {
  const VERDICT = 'proxy_set_header X-Edge-Verified $ssl_client_verify;';
  for (const [title, inside, expected] of [
    ['nothing of the lock', APP, 'header_absent'],
    ['the verdict', `${VERDICT} ${APP}`, null],
    ['nothing, because there is none, though a line tells it', `${VERDICT} root /srv;`, 'header_unheard'],
    ['nothing, because there is none', 'root /srv;', null],
  ] as const) {
    test(title, () => {
      const { findings } = audited(files, { server: 'nginx', text: http(site(`${LOCK} ${inside}`)) });
      const codes = findings.map(({ code }) => code).filter((code) => /^header_(?:absent|unheard)$/.test(code));
      assert.deepEqual([...new Set(codes)], expected === null ? [] : [expected]);
    });
  }
});

describe('nginx: names that are given', () => {
  const both = http(
    `${site(`${LOCK} ${APP}`)} server { listen 443 ssl; server_name open.test; ${CERT} location / { proxy_pass http://127.0.0.1:4000; } }`,
  );

  test('are judged, whatever the configuration means to lock', () => {
    const reading = audited(files, { server: 'nginx', text: both, hosts: ['open.test'] });
    assert.deepEqual([overall(reading), grave(reading)], ['open', ['not_asked']]);
    assert.deepEqual([...new Set(reading.claims.map(({ host }) => host))], ['open.test']);
  });

  test('and those that no site has are answered by the default server', () => {
    const reading = audited(files, { server: 'nginx', text: both, hosts: ['unknown.test'] });
    assert.deepEqual(
      reading.claims.map(({ verdict, where }) => [verdict, where.line]),
      [['locked', 3]],
    );
  });
});

test('a finding says where it is, also in an included file', () => {
  const more = new Map([['/etc/lab/sites/b.conf', `\n\n${site(APP)}`]]);
  const reading = audited(files, { server: 'nginx', text: http('include sites/*.conf;'), more });
  assert.deepEqual(reading.findings[0]?.where, { file: '/etc/lab/sites/b.conf', line: 3 });
});

test('a part that was not read, where sites may stand, leaves no name locked', () => {
  const locked = site(`${LOCK} ${APP}`);
  for (const [text, verdict] of [
    [http(`include absent.conf; ${locked}`), 'unknown'],
    [http(`include mime.types; ${locked}`), 'locked'],
    // Such as `stream { }` around the lock.
    [`include absent.conf; ${http(locked)}`, 'unknown'],
    [http(`include absent.conf; ${site(APP)}`), 'open'],
  ] as const)
    assert.equal(overall(audited(files, { server: 'nginx', text })), verdict, text);
});

for (const [name, cases] of Object.entries({ HOLDING, OPEN, BROKEN, REMARKED })) {
  describe(`nginx: ${name.toLowerCase()}`, () => {
    for (const [title, text, verdict, expected, also = []] of cases) {
      test(title, () => {
        const reading = audited(files, { server: 'nginx', text: http(text) });
        assert.ok(reading.claims.length > 0, 'nothing is claimed');
        assert.deepEqual(
          { verdict: overall(reading), grave: grave(reading) },
          { verdict, grave: [...expected].sort() },
          JSON.stringify(reading, null, 1),
        );
        const codes = reading.findings.map(({ code }) => code);
        for (const code of also)
          assert.ok(
            codes.some((one) => one === code),
            `${code} is missing in ${codes.join(' ')}`,
          );
      });
    }
  });
}
