import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { type Records, startNameServer } from '../support/name-server.ts';
import { startNginx } from '../support/server-process.ts';
import { startSite } from './site.ts';

const ZONE = 'example.test';
const EDGE = { A: ['198.51.100.1'], AAAA: ['2001:db8::1'] };
const ORIGIN = '203.0.113.7';

interface Told {
  readonly exposure: { readonly exposed: boolean | null };
  readonly findings: readonly {
    readonly code: string;
    readonly detail: string;
    readonly target: string;
    readonly fix: string;
  }[];
  readonly checked: readonly { readonly probe: string; readonly saw: string }[];
  readonly notChecked: readonly { readonly what: string; readonly why: string }[];
}

async function exposure(records: Records, argv: readonly string[] = [], failing: readonly string[] = []) {
  await using server = await startNameServer(records, failing);
  const { code, stdout, stderr } = await run([
    'doctor',
    '--exposure',
    ZONE,
    '--resolver',
    server.place,
    '--format',
    'json',
    ...argv,
  ]);
  assert.equal(stderr, '');
  return { code, asked: server.asked, told: JSON.parse(stdout) as Told };
}

function codes({ findings }: Told): readonly string[] {
  return findings.map(({ code, detail }) => `${code}: ${detail}`);
}

describe('where the address of the origin is known', () => {
  const known = ['--origin-address', ORIGIN, '--origin-address', '2001:DB8:0::7'];

  test('nothing is found where all names lead to the edge', async () => {
    const { code, told } = await exposure(
      { [ZONE]: EDGE, [`www.${ZONE}`]: EDGE, [`mail.${ZONE}`]: { A: ['192.0.2.25'] } },
      known,
    );
    assert.deepEqual([code, told.exposure.exposed, told.findings], [0, false, []]);
  });

  test('each way to it is a finding', async () => {
    const { code, told } = await exposure(
      {
        [ZONE]: {
          ...EDGE,
          MX: [`mx9.${ZONE}.`, 'mx.provider.test.'],
          TXT: ['other=1', `v=spf1 ip4:203.0.113.0/24 include:_spf.provider.test -all`],
        },
        [`www.${ZONE}`]: { AAAA: ['2001:db8::7'] },
        [`mx9.${ZONE}`]: { A: [ORIGIN] },
        'mx.provider.test': { A: ['192.0.2.25'] },
        '_spf.provider.test': { TXT: ['v=spf1 ip4:192.0.2.25 -all'] },
        [`dev.${ZONE}`]: { A: [ORIGIN] },
        [`shop2.${ZONE}`]: { A: [ORIGIN, '192.0.2.9'] },
        [`vpn.${ZONE}`]: { A: ['192.0.2.9'] },
      },
      [...known, '--sibling', 'shop2'],
    );
    assert.equal(code, 1);
    assert.deepEqual(codes(told), [
      'name_at_origin: www.example.test at 2001:db8::7',
      `mx_at_origin: mx9.example.test at ${ORIGIN}`,
      `sibling_at_origin: dev.example.test at ${ORIGIN}`,
      `sibling_at_origin: shop2.example.test at ${ORIGIN}`,
      'spf_names_origin: ip4:203.0.113.0/24 of example.test',
    ]);
    assert.ok(told.findings.every(({ fix, target }) => fix !== '' && target === ZONE));
  });

  test('what a policy includes, redirects to and names by host is followed', async () => {
    const { told } = await exposure(
      {
        [ZONE]: { ...EDGE, TXT: ['v=spf1 include:one.test ~all'] },
        'one.test': { TXT: ['v=spf1 redirect=two.test'] },
        'two.test': { TXT: ['v=spf1 a:host.two.test mx exists:%{i}.two.test -all'], MX: ['mx.two.test'] },
        'host.two.test': { A: [ORIGIN] },
        'mx.two.test': { A: [ORIGIN] },
      },
      known,
    );
    assert.deepEqual(codes(told), ['spf_names_origin: a:host.two.test of two.test, mx of two.test']);
    assert.ok(told.notChecked.some(({ what }) => what === 'exists:%{i}.two.test in the SPF record of two.test'));
  });
});

describe('where it is not known', () => {
  test('what leads past the edge may be it, but for a wildcard and for machines of others', async () => {
    const { code, told } = await exposure({
      [ZONE]: {
        ...EDGE,
        MX: ['mail.example.test', 'mx.provider.test'],
        TXT: ['v=spf1 ip4:203.0.113.7 ip4:192.0.2.0/24 include:p.test -all'],
      },
      'p.test': { TXT: ['v=spf1 ip4:192.0.2.77 -all'] },
      [`*.${ZONE}`]: { A: ['192.0.2.200'] },
      'mx.provider.test': { A: ['192.0.2.25'] },
      [`www.${ZONE}`]: EDGE,
      [`mail.${ZONE}`]: { A: [ORIGIN] },
      [`app.${ZONE}`]: EDGE,
      [`dev.${ZONE}`]: { AAAA: ['2001:db8:7::1'] },
    });
    assert.equal(code, 1);
    assert.deepEqual(codes(told), [
      `mx_beside_edge: mail.example.test at ${ORIGIN}`,
      `sibling_beside_edge: mail.example.test at ${ORIGIN}`,
      'sibling_beside_edge: dev.example.test at 2001:db8:7::1',
      `spf_names_addresses: ip4:${ORIGIN} of example.test`,
    ]);
  });
});

test('a policy that includes itself, or more than ten others, comes to an end', async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 15 }, (_, index) => [
      `s${index}.test`,
      { TXT: [`v=spf1 include:s${index + 1}.test include:s0.test -all`] },
    ]),
  );
  const { told, asked } = await exposure({ [ZONE]: { ...EDGE, TXT: ['v=spf1 include:s0.test -all'] }, ...chain });
  const followed = asked.filter((one) => one.startsWith('TXT s'));
  assert.ok(followed.length <= 10, followed.join());
  assert.ok(told.notChecked.some(({ why }) => why === 'is beyond ten lookups'));
});

test('a resolver that fails for one name says so for that name; one that never answers leaves it unknown', async () => {
  const some = await exposure({ [ZONE]: EDGE, [`www.${ZONE}`]: EDGE }, [], [`dev.${ZONE}`]);
  assert.equal(some.code, 0);
  assert.ok(some.told.notChecked.some(({ what, why }) => what === `A of dev.${ZONE}` && /ESERVFAIL/.test(why)));
  const none = await exposure({}, [], [ZONE, `www.${ZONE}`]);
  assert.deepEqual([none.code, none.told.exposure.exposed], [3, null]);
  assert.ok(
    none.asked.every((one) => /^(?:A|AAAA) (?:www\.)?example\.test$/.test(one)),
    'it asks no further',
  );
});

test('a resolver that keeps silent about what matters leaves it unknown, whatever else it says', async () => {
  const records = { [ZONE]: { ...EDGE, MX: ['mx.provider.test'], TXT: ['v=spf1 include:p.test -all'] } };
  for (const failing of ['p.test', 'mx.provider.test', `www.${ZONE}`]) {
    const { code, told } = await exposure(records, [], [failing]);
    assert.deepEqual([code, told.exposure.exposed], [3, null], failing);
  }
  const guesses = ['dev', 'vpn', 'ftp'].map((label) => `${label}.${ZONE}`);
  const many = await exposure(records, [], guesses);
  assert.deepEqual([many.code, many.told.exposure.exposed], [3, null]);
  const named = await exposure(records, ['--sibling', 'dev'], [`dev.${ZONE}`]);
  assert.deepEqual([named.code, named.told.exposure.exposed], [3, null]);
});

test('what a bare address shows is told, also where that is nothing', async () => {
  const { told } = await exposure({ [ZONE]: EDGE }, ['--connect', '127.0.0.1:1']);
  assert.ok(told.checked.some(({ probe, saw }) => probe === 'look at 127.0.0.1:1' && saw === 'nothing listens there'));
});

test('what records say is shown, and never obeyed', async () => {
  await using server = await startNameServer({
    [ZONE]: { ...EDGE, TXT: ['v=spf1 ip4:203.0.113.7\u001b[2J a:\u009bx -all', '\u001b]0;x\u0007'] },
  });
  for (const format of ['text', 'json', 'sarif', 'junit', 'markdown']) {
    const { stdout } = await run(['doctor', '--exposure', ZONE, '--resolver', server.place, '--format', format]);
    assert.equal(/[^\n\P{Cc}]/u.test(stdout), false, JSON.stringify(stdout));
  }
});

test('a bare address that shows the names of the zone, or a page, is a finding', needs('nginx'), async () => {
  await using site = await startSite();
  const quiet = await exposure({ [ZONE]: EDGE }, ['--connect', `127.0.0.1:${site.https}`]);
  assert.deepEqual(codes(quiet.told), [], 'a server that rejects handshakes without a name tells nothing');
  await using open = await startNginx({
    ports: 1,
    configuration: ({ ports: [port] }) => `events {}
error_log stderr;
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${site.file('server.pem')};
    ssl_certificate_key ${site.file('server.pem')};
    location / { default_type text/html; return 200 "<title>The application</title>"; }
  }
}
`,
  });
  const { told } = await exposure({ [ZONE]: EDGE }, ['--connect', `127.0.0.1:${open.ports[0]}`]);
  assert.deepEqual(codes(told), ['certificate_names_zone: example.test, *.example.test', 'page_on_bare_address: ']);
});
