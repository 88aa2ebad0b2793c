import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Level } from './certificate.ts';
import type { EdgeConfig, EdgeHost } from './edge-zone.ts';
import type { Instant } from './ids.ts';
import { type PullPlan, plan, type Scheme } from './plan.ts';
import { SSL_MODES, type ZoneSettings } from './settings.ts';
import {
  after,
  DAY,
  edgeFor,
  facts,
  holder,
  host,
  idOf,
  later,
  MANAGED,
  NOW,
  newZone,
  SHARED,
  to,
  trustedCa,
  wish,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

/**
 * What the edge does for a visit, by SSL mode, scheme of the visit, Always Use HTTPS, and what is switched on.
 * `http!` and `https!` redirect there; `plain` pulls over plain HTTP; `no cert` pulls over TLS and shows nothing; the
 * name of a level pulls over TLS and shows the identity of that level. `check` is how the origin is verified over TLS.
 */
const SPECIFICATION = `
  mode        | visit | always | nothing | global | zone   | hostname | veto    | check
  off         | https | off    | http!   | http!  | http!  | http!    | http!   | -
  off         | https | on     | http!   | http!  | http!  | http!    | http!   | -
  off         | http  | off    | plain   | plain  | plain  | plain    | plain   | -
  off         | http  | on     | plain   | plain  | plain  | plain    | plain   | -
  flexible    | https | off    | plain   | plain  | plain  | plain    | plain   | -
  flexible    | https | on     | plain   | plain  | plain  | plain    | plain   | -
  flexible    | http  | off    | plain   | plain  | plain  | plain    | plain   | -
  flexible    | http  | on     | https!  | https! | https! | https!   | https!  | -
  full        | https | off    | no cert | global | zone   | hostname | no cert | none
  full        | https | on     | no cert | global | zone   | hostname | no cert | none
  full        | http  | off    | plain   | plain  | plain  | plain    | plain   | -
  full        | http  | on     | https!  | https! | https! | https!   | https!  | -
  strict      | https | off    | no cert | global | zone   | hostname | no cert | strict
  strict      | https | on     | no cert | global | zone   | hostname | no cert | strict
  strict      | http  | off    | plain   | plain  | plain  | plain    | plain   | -
  strict      | http  | on     | https!  | https! | https! | https!   | https!  | -
  origin_pull | https | off    | no cert | global | zone   | hostname | no cert | strict
  origin_pull | https | on     | no cert | global | zone   | hostname | no cert | strict
  origin_pull | http  | off    | no cert | global | zone   | hostname | no cert | strict
  origin_pull | http  | on     | https!  | https! | https! | https!   | https!  | -
`;

/** Which level speaks where several do: the hostname's own word, else the zone's, else the global one. */
const PRECEDENCE = `
  hostname | zone | global | shown
  inherit  | off  | off    | no cert
  inherit  | off  | on     | global
  inherit  | on   | off    | zone
  inherit  | on   | on     | zone
  present  | off  | off    | hostname
  present  | off  | on     | hostname
  present  | on   | off    | hostname
  present  | on   | on     | hostname
  veto     | off  | off    | no cert
  veto     | off  | on     | no cert
  veto     | on   | off    | no cert
  veto     | on   | on     | no cert
`;

const WWW = host('www.example.test');
const OWN = idOf.certificate('own');
const IDENTITY_OF = { hostname: OWN, zone: MANAGED.id, global: SHARED.certificate } as const;

describe('the specification', () => {
  const [head = [], ...rows] = table(SPECIFICATION);
  const situations = head.slice(3, -1);

  test('has a row for every mode, scheme and choice about https', () => {
    const keys = new Set(rows.map((row) => row.slice(0, 3).join(' ')));
    assert.equal(keys.size, rows.length);
    assert.equal(rows.length, SSL_MODES.length * 4);
  });

  for (const [mode, visit, always, ...cells] of rows) {
    const settings = { ssl: SSL_MODES.find((known) => known === mode) ?? 'off', alwaysUseHttps: always === 'on' };
    const check = cells.pop();
    for (const [index, situation] of situations.entries()) {
      test(`${mode}, ${visit} visit, always_use_https ${always}, ${situation}: ${cells[index]}`, () => {
        const proxied = plan(edgeFor(situated(situation, settings, true)), WWW, scheme(visit), NOW);
        assert.equal(inWords(proxied), cells[index]);
        assert.equal('check' in proxied ? proxied.check.kind : '-', onTls(cells[index]) ? check : '-');
        const dnsOnly = plan(edgeFor(situated(situation, settings, false)), WWW, scheme(visit), NOW);
        assert.deepEqual(dnsOnly, { kind: 'not_served', because: 'dns_only' });
      });
    }
  }
});

for (const [hostname, zonePull, globalPull, shown] of table(PRECEDENCE).slice(1)) {
  test(`hostname ${hostname}, zone ${zonePull}, global ${globalPull}: ${shown}`, () => {
    const zone = configured({ zonePull: zonePull === 'on', globalPull: globalPull === 'on' }, hostname);
    const planned = plan(edgeFor(zone), WWW, 'https', NOW);
    assert.equal(inWords(planned), shown);
    if (planned.kind === 'without')
      assert.equal(planned.because, hostname === 'veto' ? 'hostname_veto' : 'never_enabled');
  });
}

test('a plan names the zone, the host as it is configured, and where its origins listen', () => {
  const zone = after(
    newZone(),
    to.serve('*.example.test'),
    to.serve('*.example.test', { content: '192.0.2.2' }, 'second'),
  );
  const planned = plan(edgeFor(zone), WWW, 'https', NOW);
  assert.ok(planned.kind === 'without');
  assert.equal(planned.zone, zone.id);
  assert.equal(planned.hostname, '*.example.test');
  assert.deepEqual(
    planned.targets.map(({ address, httpsPort, httpPort }) => [address, httpsPort, httpPort]),
    [
      ['192.0.2.1', 443, 80],
      ['192.0.2.2', 443, 80],
    ],
  );
});

test('each reason for plain HTTP and for a redirect is named', () => {
  const because = (ssl: ZoneSettings['ssl'], alwaysUseHttps: boolean, visit: Scheme) => {
    const planned = plan(edgeFor(situated('nothing', { ssl, alwaysUseHttps }, true)), WWW, visit, NOW);
    return 'because' in planned ? planned.because : '';
  };
  assert.equal(because('off', true, 'http'), 'ssl_off');
  assert.equal(because('off', true, 'https'), 'ssl_off');
  assert.equal(because('flexible', true, 'https'), 'flexible');
  assert.equal(because('full', false, 'http'), 'visitor_http');
  assert.equal(because('strict', true, 'http'), 'always_use_https');
});

test('strict verification uses the CAs of the zone where it has any, else the public ones', () => {
  const zone = situated('zone', {}, true);
  const cas = (of: Zone) => {
    const planned = plan(edgeFor(of), WWW, 'https', NOW);
    return planned.kind === 'present' && planned.check.kind === 'strict' ? planned.check.cas : assert.fail();
  };
  assert.deepEqual(cas(zone), []);
  const { fingerprint, pem } = trustedCa('house').certificate;
  assert.deepEqual(cas(after(zone, to.trust('house'))), [{ fingerprint, pem }]);
});

describe('names', () => {
  const zone = after(
    newZone(),
    to.serve('*.example.test', { content: '192.0.2.1' }),
    to.serve('*.deep.example.test', { content: '192.0.2.2' }),
    to.serve('exact.deep.example.test', { content: '192.0.2.3' }),
    to.serve('hidden.example.test', { proxied: false }),
  );
  const address = (name: string, config = edgeFor(zone)) => {
    const planned = plan(config, host(name), 'https', NOW);
    return 'targets' in planned ? planned.targets[0]?.address : planned.kind === 'not_served' ? planned.because : '';
  };

  test('a record of its own beats a wildcard, and the nearest wildcard the others', () => {
    assert.equal(address('exact.deep.example.test'), '192.0.2.3');
    assert.equal(address('other.deep.example.test'), '192.0.2.2');
    assert.equal(address('a.other.deep.example.test'), '192.0.2.2');
    assert.equal(address('other.example.test'), '192.0.2.1');
  });

  test('a wildcard ends where another zone begins', () => {
    const upper = after(newZone(), to.serve('*.example.test'));
    const config = { ...edgeFor(upper), holder: () => ({ id: idOf.zone('another') }) };
    assert.equal(plan(config, host('www.sub.example.test'), 'https', NOW).kind, 'not_served');
    assert.equal(plan(edgeFor(upper), host('www.sub.example.test'), 'https', NOW).kind, 'without');
  });

  test('a wildcard does not cover the name it hangs on', () => {
    assert.equal(address('example.test'), 'unknown_hostname');
    assert.equal(address('deep.example.test'), '192.0.2.1');
  });

  test('a DNS-only record takes its name away from the wildcard', () => {
    assert.equal(address('hidden.example.test'), 'dns_only');
  });

  test('a name that nobody serves is not served, nor is any by an edge that knows nothing', () => {
    for (const name of ['elsewhere.test', 'notexample.test', 'test']) assert.equal(address(name), 'unknown_hostname');
    assert.equal(address('exact.deep.example.test', edgeFor()), 'unknown_hostname');
  });

  test('a host whose zone is gone is not served', () => {
    assert.equal(address('www.example.test', { ...edgeFor(zone), zones: new Map() }), 'unknown_hostname');
  });

  test('a paused zone serves none of its names, and no other zone is touched', () => {
    const other = after(newZone({ id: holder('other.test').zone, name: host('other.test') }), to.serve('other.test'));
    const config = edgeFor({ ...zone, paused: true }, other);
    assert.equal(address('exact.deep.example.test', config), 'paused');
    assert.equal(address('hidden.example.test', config), 'paused');
    assert.equal(address('other.test', config), '192.0.2.1');
  });

  test('an association under a wildcard is for that name alone, on the wildcard’s way to the origin', () => {
    const associated = after(
      zone,
      to.upload('own', { level: 'hostname' }),
      to.associate(wish('a.example.test', 'own')),
    );
    const config = edgeFor(associated);
    assert.equal(inWords(plan(config, host('a.example.test'), 'https', NOW)), 'hostname');
    assert.equal(address('a.example.test', config), '192.0.2.1');
    assert.equal(inWords(plan(config, host('b.example.test'), 'https', NOW)), 'no cert');
    assert.equal(inWords(plan(config, host('x.a.example.test'), 'https', NOW)), 'no cert');
  });

  test('an association on a wildcard speaks for the names below it that have no record of their own', () => {
    const associated = after(
      zone,
      to.upload('own', { level: 'hostname' }),
      to.associate(wish('*.example.test', 'own')),
    );
    const config = edgeFor(associated);
    assert.equal(inWords(plan(config, host('b.example.test'), 'https', NOW)), 'hostname');
    assert.equal(inWords(plan(config, host('exact.deep.example.test'), 'https', NOW)), 'no cert');
  });
});

describe('a level that is on without a usable identity refuses, whatever weaker level could answer', () => {
  const pulls: EdgeHost['pull'] = { kind: 'present', identity: null };
  const everything = configured({ zonePull: true, globalPull: true }, 'present');

  for (const level of ['hostname', 'zone', 'global'] as const) {
    const zone = speaking(everything, level);
    const config = edgeFor(zone);

    test(`${level}: no identity`, () => {
      refuses(without(config, zone, level), level, 'no_identity');
    });

    test(`${level}: the edge does not hold the key`, () => {
      const keys = new Set(config.keys);
      keys.delete(IDENTITY_OF[level]);
      refuses({ ...config, keys }, level, 'key_missing');
    });

    test(`${level}: it is good up to and including its last moment, and expired from then on`, () => {
      const end = level === 'global' ? SHARED.notAfter : facts('any').notAfter;
      assert.equal(inWords(plan(config, WWW, 'https', end)), level);
      refuses(config, level, 'identity_expired', later(end - NOW + 1));
    });
  }

  test('an expired identity is called expired also where its key is gone', () => {
    refuses({ ...edgeFor(everything), keys: new Set() }, 'hostname', 'identity_expired', later(6 * DAY));
  });

  test('a hostname that names a deleted certificate has no identity', () => {
    const certificate = everything.certificates.get(OWN) ?? assert.fail();
    const deleted = { ...certificate, wish: { ...certificate.wish, kind: 'delete' as const } };
    const certificates = new Map(everything.certificates).set(OWN, deleted);
    refuses(edgeFor({ ...everything, certificates }), 'hostname', 'no_identity');
    certificates.delete(OWN);
    refuses(edgeFor({ ...everything, certificates }), 'hostname', 'no_identity');
  });

  test('a veto needs no identity, and plain HTTP neither', () => {
    const vetoed = { ...edgeFor(configured({ zonePull: true, globalPull: true }, 'veto')), keys: new Set<never>() };
    assert.equal(inWords(plan(vetoed, WWW, 'https', later(6 * DAY))), 'no cert');
    const plain = edgeFor({ ...everything, settings: { ...everything.settings, ssl: 'flexible' } });
    assert.equal(inWords(plan(plain, WWW, 'https', later(6 * DAY))), 'plain');
  });

  function without(config: EdgeConfig, zone: Zone, level: Level): EdgeConfig {
    const rules = config.zones.get(zone.id) ?? assert.fail();
    const entry = config.hosts.get(WWW) ?? assert.fail();
    if (level === 'hostname') {
      const hosts = new Map([[WWW, { ...entry, host: { ...entry.host, pull: pulls } }]]);
      return { ...config, hosts };
    }
    const changed = { ...rules, [`${level}Pull`]: { kind: 'on', identity: null } };
    return { ...config, zones: new Map([[zone.id, changed]]) };
  }

  function refuses(config: EdgeConfig, level: Level, because: string, now: Instant = NOW): void {
    const planned = plan(config, WWW, 'https', now);
    assert.deepEqual(planned, { kind: 'refuse', level, because, zone: everything.id, hostname: WWW });
  }
});

// The strongest level that speaks is `level`, and all weaker ones are on as well.
function speaking(everything: Zone, level: Level): Zone {
  const associations = level === 'hostname' ? everything.associations : new Map<never, never>();
  return { ...everything, associations, settings: { ...everything.settings, zonePull: level !== 'global' } };
}

function situated(situation: string, settings: Partial<ZoneSettings>, proxied: boolean): Zone {
  const pulls = { zonePull: situation === 'zone' || situation === 'veto', globalPull: situation === 'global' };
  const hostname = situation === 'hostname' ? 'present' : situation === 'veto' ? 'veto' : 'inherit';
  return configured({ ...settings, ...pulls }, hostname, proxied);
}

function configured(settings: Partial<ZoneSettings>, hostname = 'inherit', proxied = true): Zone {
  const zone = after(
    newZone(),
    to.set(settings),
    to.serve('www.example.test', { proxied }),
    to.upload('own', { level: 'hostname' }),
  );
  if (hostname === 'inherit') return zone;
  return after(zone, to.associate(wish('www.example.test', 'own', hostname === 'veto' ? 'veto' : 'present')));
}

function inWords(planned: PullPlan): string {
  switch (planned.kind) {
    case 'redirect':
      return `${planned.to}!`;
    case 'plaintext':
      return 'plain';
    case 'without':
      return 'no cert';
    case 'present':
      assert.equal(planned.identity.certificate, IDENTITY_OF[planned.level]);
      return planned.level;
    case 'refuse':
    case 'not_served':
      return `${planned.kind}: ${planned.because}`;
  }
}

function onTls(cell: string | undefined): boolean {
  return cell !== undefined && !['plain', 'http!', 'https!'].includes(cell);
}

function scheme(text: string | undefined): Scheme {
  return text === 'http' || text === 'https' ? text : assert.fail(`no scheme: ${text}`);
}

function table(text: string): readonly (readonly string[])[] {
  const lines = text.trim().split('\n');
  return lines.map((line) => line.split('|').map((cell) => cell.trim()));
}
