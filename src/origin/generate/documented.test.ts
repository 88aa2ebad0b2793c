import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type OriginRequest, originRequirement } from '../requirement.ts';
import { generate } from './generate.ts';
import type { ServerName } from './server-facts.ts';
import { yamlLines } from './yaml-lines.ts';

/** Servers that no test starts: what their configuration must hold is looked for in the parsed text. */

type Node = Readonly<Record<string, unknown>>;

const SITE = {
  zone: 'example.test',
  hostnames: ['www.example.test', '*.app.example.test'],
  bundle: { kind: 'zone', path: '/etc/postern/example.pem' },
  upstream: 'http://web.shop:3000',
} as const;
const NEIGHBOUR = {
  zone: 'other.test',
  hostnames: ['www.other.test'],
  bundle: { kind: 'zone', path: '/etc/postern/other.pem' },
  upstream: 'http://other.shop:3000',
} as const;
const OPEN = { hostname: 'open.example.test', upstream: 'http://open.shop:3000' };

function made(server: ServerName, request: Partial<OriginRequest> = {}) {
  const requirement = originRequirement({ sites: [SITE], listenHttp: [':80'], ...request });
  return 'kind' in requirement ? requirement : generate(server, requirement);
}

function text(server: ServerName, request?: Partial<OriginRequest>): string {
  const found = made(server, request);
  assert.ok(found.kind === 'config', JSON.stringify(found));
  return found.text;
}

function documents(server: ServerName, request?: Partial<OriginRequest>): readonly Node[] {
  return parseAllDocuments(text(server, request)).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS() as Node;
  });
}

/** All objects below `value` that have `key`, at any depth. */
function holders(value: unknown, key: string): readonly Node[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap((one) => holders(one, key));
  return Object.hasOwn(value, key) ? [value as Node, ...below] : below;
}

function values(value: unknown, key: string): readonly unknown[] {
  return holders(value, key).map((holder) => holder[key]);
}

test('what is written as YAML is read as the same, and comments are none of it', () => {
  const value = {
    texts: ['yes', 'no', 'on', 'null', '1.0', '', ' a', 'a: b', '#x', '- a', '"', "'", '\\', 'ü', '*.a.test', '0x1'],
    nested: [
      [{ a: [] }, {}],
      [true, 7],
    ],
    'odd key:': { y: 'n' },
  };
  const read = parseAllDocuments(yamlLines({ '#': 'a comment', ...value }).join('\n'), { version: '1.1' });
  assert.deepEqual(read[0]?.toJS(), value);
});

describe('Envoy', () => {
  const all = { sites: [SITE, NEIGHBOUR], openNames: [OPEN], listen: [':443', '127.0.0.1:8443'] };

  test('requires the certificate in every filter chain of a locked site, and has no chain without a name', () => {
    const [config] = documents('envoy', all);
    const chains = holders(config, 'filter_chain_match');
    assert.equal(chains.length, 3 * 3);
    for (const chain of chains) {
      const [match] = values(chain, 'server_names') as readonly (readonly string[])[];
      const isOpen = match?.includes(OPEN.hostname) === true;
      assert.ok(match !== undefined && match.length > 0);
      assert.deepEqual(values(chain, 'require_client_certificate'), isOpen ? [] : [true]);
      assert.equal(values(chain, 'trusted_ca').length, isOpen ? 0 : 1);
      for (const key of ['disable_stateless_session_resumption', 'disable_stateful_session_resumption', 'require_sni'])
        assert.deepEqual(values(chain, key), [true], key);
      assert.deepEqual(values(chain, 'forward_client_cert_details'), ['SANITIZE_SET']);
      const domains = values(chain, 'domains') as readonly (readonly string[])[];
      assert.deepEqual(domains, [match, ['*']], 'Host leads nowhere but to the names of the chain');
      assert.deepEqual(values(chain, 'direct_response'), [{ status: 421 }]);
      const [added] = values(chain, 'request_headers_to_add') as readonly (readonly Node[])[];
      assert.deepEqual(added, [
        {
          header: { key: 'X-Postern-Verified', value: isOpen ? 'NONE' : 'SUCCESS' },
          append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
        },
      ]);
    }
    assert.deepEqual(values(config, 'default_filter_chain'), []);
    assert.deepEqual(values(config, 'trust_chain_verification'), []);
  });

  test('trusts in each chain the bundle of its own zone', () => {
    for (const chain of holders(documents('envoy', all)[0], 'filter_chain_match')) {
      const [names] = values(chain, 'server_names') as readonly (readonly string[])[];
      const [ca] = values(chain, 'trusted_ca') as readonly Node[];
      if (names?.includes('www.example.test')) assert.equal(ca?.['filename'], SITE.bundle.path);
      if (names?.includes('www.other.test')) assert.equal(ca?.['filename'], NEIGHBOUR.bundle.path);
    }
  });

  test('only redirects on plain HTTP', () => {
    const [config] = documents('envoy', all);
    const plain = (values(config, 'listeners')[0] as readonly Node[]).filter(({ name }) => /_http_/.test(String(name)));
    assert.equal(plain.length, 2);
    for (const listener of plain) {
      assert.deepEqual(values(listener, 'cluster'), []);
      assert.equal(values(listener, 'redirect').length, 1);
    }
  });
});

describe('Traefik', () => {
  test('puts the lock into the default options, and no router chooses others', () => {
    const [config] = documents('traefik', { sites: [SITE, { ...SITE, hostnames: ['api.app.example.test'] }] });
    const [options] = values(config, 'options') as readonly Node[];
    assert.deepEqual(Object.keys(options ?? {}), ['default']);
    assert.deepEqual(values(options, 'clientAuth'), [
      { caFiles: [SITE.bundle.path], clientAuthType: 'RequireAndVerifyClientCert' },
    ]);
    assert.deepEqual(values(options, 'sniStrict'), [true]);
    const [routers] = values(config, 'routers') as readonly Record<string, Node>[];
    for (const [name, router] of Object.entries(routers ?? {})) {
      if (name.endsWith('_plain')) assert.deepEqual(router['middlewares'], ['postern_redirect']);
      else assert.deepEqual(router['tls'], {});
    }
  });

  test('asks the routes with names before the wildcard that covers them', () => {
    const [config] = documents('traefik', { sites: [SITE, { ...SITE, hostnames: ['api.app.example.test'] }] });
    const [first, second] = Object.values((values(config, 'routers')[0] ?? {}) as Record<string, Node>);
    assert.equal(first?.['rule'], 'Host(`api.app.example.test`)');
    assert.ok(Number(first?.['priority']) > Number(second?.['priority']));
  });
});

describe('ingress-nginx', () => {
  const all = { sites: [SITE, NEIGHBOUR], openNames: [OPEN] };

  test('verifies on every locked host with the secret of its own zone', () => {
    const ingresses = documents('ingress-nginx', all);
    assert.equal(ingresses.length, 3);
    const annotation = (ingress: Node | undefined, name: string) =>
      values(ingress, `nginx.ingress.kubernetes.io/${name}`)[0];
    const [first, second, open] = ingresses;
    for (const ingress of [first, second]) {
      assert.equal(annotation(ingress, 'auth-tls-verify-client'), 'on');
      assert.equal(annotation(ingress, 'auth-tls-verify-depth'), '1');
    }
    assert.notEqual(annotation(first, 'auth-tls-secret'), annotation(second, 'auth-tls-secret'));
    assert.equal(annotation(open, 'auth-tls-verify-client'), undefined);
    assert.deepEqual(values(ingresses, 'host'), [...SITE.hostnames, ...NEIGHBOUR.hostnames, OPEN.hostname]);
    assert.deepEqual(values(ingresses, 'name').filter((name) => name === 'web').length, 2);
  });

  test('says how each secret is made, from the file that the site trusts', () => {
    const lines = text('ingress-nginx', all).split('\n');
    for (const secret of values(documents('ingress-nginx', all), 'nginx.ingress.kubernetes.io/auth-tls-secret')) {
      const [namespace, name] = String(secret).split('/');
      const line = lines.find((one) => one.includes(`-n ${namespace} create secret generic ${name} `)) ?? '';
      assert.match(line, /--from-file=ca\.crt="\/etc\/postern\/(?:example|other)\.pem"/);
    }
  });

  test('refuses what is no service of one namespace', () => {
    for (const upstream of ['http://127.0.0.1:3000', 'http://localhost:3000', 'http://a.b.example.test:80']) {
      const found = made('ingress-nginx', { sites: [{ ...SITE, upstream }] });
      assert.ok(found.kind === 'problem' && found.code === 'not_a_service', upstream);
    }
    const elsewhere = { ...NEIGHBOUR, upstream: 'http://other.elsewhere:80' };
    const found = made('gateway-api', { sites: [SITE, { ...elsewhere, zone: SITE.zone, bundle: SITE.bundle }] });
    assert.ok(found.kind === 'problem' && found.code === 'not_a_service');
  });
});

describe('The Gateway API', () => {
  test('validates on every HTTPS listener, and leads routes to no other', () => {
    const [gateway, route, redirect] = documents('gateway-api');
    assert.deepEqual(values(values(gateway, 'frontend'), 'mode'), ['AllowValidOnly']);
    const [refs] = values(gateway, 'caCertificateRefs') as readonly (readonly Node[])[];
    assert.equal(refs?.length, 1, 'more than one is for the implementation to decide');
    const listeners = values(gateway, 'listeners')[0] as readonly Node[];
    const secure = listeners.filter(({ protocol }) => protocol === 'HTTPS').map(({ name }) => name);
    assert.deepEqual(values(values(route, 'parentRefs'), 'sectionName'), secure);
    assert.ok(!values(values(redirect, 'parentRefs'), 'sectionName').some((name) => secure.includes(name)));
    assert.deepEqual(values(redirect, 'backendRefs'), []);
    assert.deepEqual(values(route, 'set'), [[{ name: 'X-Postern-Verified', value: 'SUCCESS' }]]);
    assert.ok((values(route, 'remove')[0] as readonly string[]).includes('X_Postern_Verified'));
    assert.match(text('gateway-api'), /create configmap \S+-ca --from-file=ca\.crt="\/etc\/postern\/example\.pem"/);
  });

  test('says where a header has more spellings than a route removes', () => {
    const found = made('gateway-api', { sites: [{ ...SITE, verifiedHeader: 'X-A-B-C-D-Verified' }] });
    assert.ok(found.kind === 'config' && found.notes.some((note) => note.includes('at most 16')));
  });
});

describe('The Application Load Balancer', () => {
  test('verifies, and lets no certificate in that is past its end', () => {
    const script = text('aws-alb', { sites: [{ ...SITE, crl: '/etc/postern/example.crl' }], listenHttp: 'off' });
    execFileSync('sh', ['-n'], { input: script });
    assert.match(script, /"Mode=verify,TrustStoreArn=\$store,IgnoreClientCertificateExpiry=false"/);
    assert.ok(script.indexOf('RevocationType=CRL') < script.indexOf('Mode=verify'), 'the lists come first');
    assert.match(script, /--name [A-Za-z0-9-]{1,32} /);
    assert.doesNotMatch(script, /passthrough/);
  });
});

test('each says plainly that nobody has run it', () => {
  const servers = ['envoy', 'traefik', 'ingress-nginx', 'gateway-api', 'aws-alb'] as const;
  for (const server of servers) {
    const found = made(server, { listenHttp: 'off' });
    assert.ok(found.kind === 'config' && found.notes.some((note) => note.includes('NOT RUN')), server);
  }
});

test('lighttpd has one lock for a listener: sites that want different ones are refused', () => {
  for (const change of [{ mode: 'watch' }, { crl: '/etc/postern/example.crl' }] as const) {
    const found = made('lighttpd', { sites: [SITE, { ...SITE, hostnames: ['b.example.test'], ...change }] });
    assert.ok(found.kind === 'problem' && found.code === 'one_lock');
  }
});
