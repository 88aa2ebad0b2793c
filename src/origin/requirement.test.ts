import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { generate } from './generate/generate.ts';
import { SERVERS, type ServerName } from './generate/server-facts.ts';
import { type OneSiteRequest, oneSite } from './one-site.fixture.ts';
import { ORIGIN_PROBLEMS, problemText } from './problems.ts';
import { type OriginRequest, originRequirement } from './requirement.ts';
import type { SiteRequest } from './site.ts';
import { foldedSpellings, verifiedHeader } from './verified-header.ts';

const REQUEST: OneSiteRequest = {
  zone: 'example.test',
  hostnames: ['www.example.test'],
  bundle: { kind: 'zone', path: '/etc/postern/bundle.pem' },
};

function refusal(change: Partial<OneSiteRequest>): string {
  const result = originRequirement(oneSite({ ...REQUEST, ...change }));
  return 'kind' in result ? `${result.code} ${result.field}` : 'accepted';
}

/** Characters that mean something to one of the servers, in a comment, in quotes or between. */
const HOSTILE = [
  '\n',
  '\r',
  '\0',
  '\t',
  '"',
  "'",
  '\\',
  '$',
  '{',
  '}',
  ';',
  '#',
  '%{',
  '${',
  '`',
  '<',
  '>',
  '|',
  '*',
  '?',
  '[',
];

/** One way to put a text into each field that takes text. */
const FIELDS: Readonly<Record<string, (text: string) => Partial<OneSiteRequest>>> = {
  zone: (text) => ({ zone: text }),
  hostnames: (text) => ({ hostnames: ['www.example.test', text] }),
  'bundle.path': (text) => ({ bundle: { kind: 'zone', path: text } }),
  upstream: (text) => ({ upstream: text }),
  root: (text) => ({ root: text }),
  listen: (text) => ({ listen: [text] }),
  listenHttp: (text) => ({ listenHttp: [text] }),
  serverCert: (text) => ({ serverCert: text, serverKey: '/key' }),
  serverKey: (text) => ({ serverKey: text, serverCert: '/cert' }),
  verifiedHeader: (text) => ({ verifiedHeader: text }),
  alsoTrust: (text) => ({ alsoTrust: text, alsoListen: ['127.0.0.1:9443'] }),
  alsoTrustCrl: (text) => ({ alsoTrust: '/own.pem', alsoTrustCrl: text, alsoListen: ['127.0.0.1:9443'] }),
  alsoListen: (text) => ({ alsoTrust: '/own.pem', alsoListen: [text] }),
  runtimeDirectory: (text) => ({ runtimeDirectory: text }),
};

const VALID: Readonly<Record<string, string>> = {
  zone: 'example.test',
  hostnames: 'shop.example.test',
  upstream: 'http://127.0.0.1:3000',
  listen: '127.0.0.1:8443',
  listenHttp: '127.0.0.1:8080',
  alsoListen: '127.0.0.1:9443',
  verifiedHeader: 'X-Some-Verified',
};

describe('a request for an origin configuration', () => {
  test('is accepted with nothing but zone, hostname and bundle', () => {
    assert.equal(refusal({}), 'accepted');
  });

  test('is refused for a hostile character anywhere in any field, naming the field', () => {
    for (const [field, change] of Object.entries(FIELDS)) {
      const valid = VALID[field] ?? '/srv/a path/x.pem';
      assert.equal(refusal(change(valid)), 'accepted', field);
      for (const character of HOSTILE) {
        for (const text of [
          `${valid}${character}`,
          `${character}${valid}`,
          `${valid.slice(0, 3)}${character}${valid.slice(3)}`,
        ]) {
          // A wildcard label is a name.
          if (field === 'hostnames' && text.startsWith('*.')) continue;
          assert.match(refusal(change(text)), new RegExp(`^\\w+ ${field}$`), `${field}: ${JSON.stringify(text)}`);
        }
      }
    }
  });

  test('never lets the text of a field change the shape of a configuration', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom(...HOSTILE, 'a', '/', ' ', '.', ':', '-', '_', 'é', '~', '(', '&', '=', ','), {
          maxLength: 12,
        })
        .map((parts) => `/${parts.join('')}`),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('bundle.path', 'root', 'serverCert', 'runtimeDirectory', 'alsoTrust', 'alsoTrustCrl'),
        text,
        (field, path) => {
          const shape = (value: string, server: ServerName) => {
            const change = FIELDS[field]?.(value) ?? {};
            const requirement = originRequirement(oneSite({ ...REQUEST, ...change }));
            if ('kind' in requirement) return null;
            const result = generate(server, requirement);
            return result.kind === 'config' ? result.text.replaceAll(value.replace(/\/+$/, ''), '/placeholder') : null;
          };
          for (const server of SERVERS) {
            const found = shape(path, server);
            // `/` alone vanishes in a join, and every other slash would be replaced with it.
            if (found !== null && path.length > 6) assert.equal(found, shape('/placeholder', server));
          }
        },
      ),
    );
  });

  test('explains a refusal with the field, what it was, and what is allowed', () => {
    const problem = originRequirement(oneSite({ ...REQUEST, listen: ['example.test:443\u001b[2J'] }));
    assert.ok('kind' in problem);
    const text = problemText(problem);
    assert.match(text, /^listen: "example\.test:443\\u001b\[2J" is refused: .*127\.0\.0\.1:8443/);
    assert.ok(text.includes(ORIGIN_PROBLEMS.bad_listen.fix));
  });

  test('needs the certificate to pin where the identity is shared', () => {
    const bundle = (pins: readonly string[]) => ({ bundle: { kind: 'shared' as const, path: '/b.pem', pins } });
    assert.equal(refusal(bundle([])), 'shared_not_accepted bundle.pins');
    assert.equal(refusal(bundle(['not a certificate'])), 'bad_pin bundle.pins');
  });

  test('is refused where its parts do not go together', () => {
    assert.equal(refusal({ root: '/srv', upstream: 'http://127.0.0.1:1' }), 'two_contents root');
    assert.equal(refusal({ serverCert: '/a.pem' }), 'half_server_certificate serverKey');
    assert.equal(refusal({ serverKey: '/a.key' }), 'half_server_certificate serverCert');
    assert.equal(refusal({ listen: [':443'], listenHttp: ['127.0.0.1:443'] }), 'same_listen listenHttp');
    assert.equal(refusal({ listenHttp: [':443'] }), 'same_listen listenHttp');
    assert.equal(refusal({ hostnames: [] }), 'bad_hostname hostnames');
  });

  test('refuses relative paths, upstreams with a path or over TLS, and headers that HTTP uses', () => {
    assert.equal(refusal({ bundle: { kind: 'zone', path: 'bundle.pem' } }), 'bad_path bundle.path');
    for (const upstream of [
      'https://127.0.0.1:1',
      'http://127.0.0.1:1/app',
      'http://u:p@127.0.0.1',
      '127.0.0.1:1',
      'unix:x',
      'http://a:70000',
    ]) {
      assert.equal(refusal({ upstream }), 'bad_upstream upstream', upstream);
    }
    for (const header of ['Host', 'cookie', 'X-Forwarded-For', 'CF-Connecting-IP', 'A-b-c-d-e-f-g', 'X_Y', 'X-', '']) {
      assert.equal(refusal({ verifiedHeader: header }), 'bad_header verifiedHeader', header);
    }
    for (const listen of ['0', ':0', ':65536', '256.1.1.1:1', '[::g]:1', 'host:1', '', '1.2.3.4', '[::1]']) {
      assert.equal(refusal({ listen: [listen] }), 'bad_listen listen', listen);
    }
  });

  test('drops addresses that a wildcard covers', () => {
    const result = originRequirement(oneSite({ ...REQUEST, listen: ['127.0.0.1:443', ':443', '[::1]:8443'] }));
    assert.ok(!('kind' in result));
    assert.deepEqual(
      result.listen.map(({ host, port }) => `${host} ${port}`),
      ['0.0.0.0 443', ':: 443', '::1 8443'],
    );
  });
});

describe('several sites of one server', () => {
  const site = (...hostnames: readonly string[]): SiteRequest => ({
    zone: 'example.test',
    hostnames,
    bundle: { kind: 'zone', path: '/bundle.pem' },
  });
  const told = (request: OriginRequest): string => {
    const result = originRequirement(request);
    return 'kind' in result ? `${result.code} ${result.field} ${result.found}` : 'accepted';
  };

  test('may each have a certificate of their own, and else that of the server', () => {
    const sites = [site('a.test'), { ...site('b.test'), serverCert: '/b.pem', serverKey: '/b.key' }, site('c.test')];
    const shared = { serverCert: '/all.pem', serverKey: '/all.key' };
    const result = originRequirement({ sites, ...shared, openNames: [{ hostname: 'open.test' }] });
    assert.ok(!('kind' in result));
    const files = [...result.sites, ...result.openNames].map(({ serverCert }) => serverCert);
    assert.deepEqual(files, ['/all.pem', '/b.pem', '/all.pem', '/all.pem']);
  });

  test('cannot share a name, be too many, or be none', () => {
    const many = Array.from({ length: 101 }, (_, index) => site(`h${index}.test`));
    const names = Array.from({ length: 1001 }, (_, index) => `h${index}.test`);
    assert.equal(told({ sites: [site('a.test'), site('b.test', 'A.test.')] }), 'same_hostname hostnames "a.test"');
    assert.equal(
      told({ sites: [site('a.test')], openNames: [{ hostname: 'a.test' }] }),
      'same_hostname openNames "a.test"',
    );
    assert.equal(told({ sites: [] }), 'bad_hostname hostnames ""');
    assert.equal(told({ sites: many }), 'too_many sites "101"');
    assert.equal(told({ sites: [site(...names)] }), 'too_many hostnames "1001"');
    assert.equal(
      told({ sites: [site('x.test')], openNames: names.map((hostname) => ({ hostname })) }),
      'too_many openNames "1001"',
    );
  });

  test('may be covered by a wildcard of another, unless they hold one themselves', () => {
    const open = [{ hostname: 'status.a.test' }];
    assert.equal(told({ sites: [site('*.a.test')], openNames: open }), 'accepted');
    assert.equal(
      told({ sites: [site('*.a.test', 'a.test'), site('b.a.test', '*.c.test')] }),
      'mixed_wildcard hostnames "b.a.test"',
    );
    assert.equal(told({ sites: [site('*.a.test'), site('*.b.a.test')] }), 'accepted');
  });
});

test('every mixture of hyphen and underscore is a spelling of the verified header', () => {
  const name = verifiedHeader('X-Cloudflare-Client-Cert-Verified');
  assert.ok(name);
  const spellings = foldedSpellings(name);
  assert.equal(new Set(spellings).size, 15);
  assert.ok(!spellings.includes(name));
  for (const spelling of spellings) assert.equal(spelling.replaceAll('_', '-'), name);
});

describe("the listener of the owner's own callers", () => {
  const own = (change: Partial<OneSiteRequest>) =>
    refusal({ alsoTrust: '/own.pem', alsoListen: ['127.0.0.1:9443'], listen: ['127.0.0.1:8443'], ...change });

  test('goes with their CA, and is none of the others', () => {
    assert.equal(own({}), 'accepted');
    assert.equal(own({ alsoListen: undefined }), 'also_trust_alone alsoListen');
    assert.equal(own({ alsoListen: [] }), 'also_trust_alone alsoListen');
    assert.equal(own({ alsoTrust: undefined }), 'also_listen_alone alsoListen');
    const lists = { alsoTrustCrl: '/own.crl' };
    assert.equal(own(lists), 'accepted');
    assert.equal(own({ ...lists, alsoTrust: undefined, alsoListen: undefined }), 'also_crl_alone alsoTrustCrl');
    for (const [listen, alsoListen] of [
      ['127.0.0.1:9443', '127.0.0.1:9443'],
      [':9443', '127.0.0.1:9443'],
      ['127.0.0.1:9443', ':9443'],
      ['[::]:9443', '127.0.0.1:9443'],
      ['[::1]:9443', '[0:0:0:0:0:0:0:1]:9443'],
      ['[::ffff:127.0.0.1]:9443', '127.0.0.1:9443'],
    ] as const) {
      assert.equal(own({ listen: [listen], alsoListen: [alsoListen] }), 'also_listen_taken alsoListen', alsoListen);
      const plain = { listenHttp: [listen], alsoListen: [alsoListen] };
      assert.equal(own(plain), 'also_listen_taken alsoListen', `${alsoListen} beside plain HTTP`);
    }
    assert.equal(own({ listen: ['[::1]:9443'] }), 'accepted');
  });

  test('has a CA and a header of its own', () => {
    assert.equal(own({ alsoTrust: REQUEST.bundle.path }), 'same_ca alsoTrust');
    assert.equal(own({ verifiedHeader: 'x-postern-VIA' }), 'header_is_via verifiedHeader');
    assert.equal(refusal({ verifiedHeader: 'x-postern-VIA' }), 'accepted');
  });
});
