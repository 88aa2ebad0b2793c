import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PkiError } from '../../pki/pki-error.ts';
import { configPath } from '../config-path.ts';
import { type OneSiteRequest, oneSite } from '../one-site.fixture.ts';
import { type OriginRequest, originRequirement } from '../requirement.ts';
import { generate, trustFiles } from './generate.ts';
import { SERVERS, type ServerName } from './server-facts.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const RULER = `\n${'-'.repeat(80)}\n`;
const REQUEST: OneSiteRequest = {
  zone: 'example.test',
  hostnames: ['www.example.test'],
  bundle: { kind: 'zone', path: '/etc/postern/bundle.pem' },
};

/** HAProxy wants the key where it finds it by itself. */
const CRT = { serverCert: '/etc/ssl/site.pem', serverKey: '/etc/ssl/site.pem.key' };

function result(server: ServerName, request: OriginRequest) {
  const requirement = originRequirement(request);
  if ('kind' in requirement) return requirement;
  return generate(server, requirement);
}

function changed(server: ServerName, change: Partial<OneSiteRequest>) {
  return result(server, oneSite({ ...REQUEST, ...change }));
}

function text(server: ServerName, change: Partial<OneSiteRequest> = {}): string {
  const found = changed(server, change);
  assert.ok(found.kind === 'config');
  return found.text;
}

describe('golden configurations: input, ruler, output, ruler, notes', () => {
  for (const name of readdirSync(GOLDEN)) {
    const server = SERVERS.find((one) => name.startsWith(`${one}-`)) ?? assert.fail(name);
    test(name, () => {
      const file = join(GOLDEN, name);
      const [input = ''] = readFileSync(file, 'utf8').split(RULER);
      const found = result(server, JSON.parse(input) as OriginRequest);
      assert.ok(found.kind === 'config', JSON.stringify(found));
      const whole = [
        input,
        found.text,
        ...found.files.map((file) => `${file.path}\n\n${file.text}`),
        `${found.notes.join('\n')}\n`,
      ].join(RULER);
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, whole);
      assert.equal(readFileSync(file, 'utf8'), whole);
    });
  }
});

test('the note about watching names the log with its directory', () => {
  const told = (server: ServerName, change: Partial<OneSiteRequest>): string => {
    const found = changed(server, { mode: 'watch', ...change });
    assert.ok(found.kind === 'config');
    return found.notes.find((note) => note.includes('grep')) ?? '';
  };
  for (const server of ['nginx', 'apache'] as const) {
    assert.match(told(server, { runtimeDirectory: '/srv/run' }), / \/srv\/run\/postern-watch-\w+\.log$/);
    const place = server === 'nginx' ? 'nginx' : 'apache2';
    for (const form of ['complete', 'fragment'] as const) {
      assert.match(told(server, { form }), new RegExp(` /var/log/${place}/postern-watch-\\w+\\.log`));
    }
  }
  assert.match(told('apache', { form: 'fragment' }), /APACHE_LOG_DIR/);
});

test('the log of who comes keeps its name whatever sockets the server listens on', () => {
  const logs = (listen: readonly string[]) => {
    const found = changed('nginx', { mode: 'watch', listen });
    assert.ok(found.kind === 'config');
    return [...new Set(found.text.match(/postern-watch-\w+\.log/g))];
  };
  const [log, ...others] = logs(['0.0.0.0:443']);
  assert.ok(log !== undefined && others.length === 0);
  assert.deepEqual(logs(['127.0.0.1:8443']), [log]);
});

describe('the version of the server', () => {
  test('is refused where it cannot be locked this way', () => {
    for (const [server, version] of [
      ['nginx', '1.18.0'],
      ['nginx', '1.19.3'],
      ['apache', '2.4.36'],
      ['apache', '2.2.34'],
      ['haproxy', '2.3.21'],
      ['caddy', '2.5.2'],
    ] as const) {
      const found = changed(server, { serverVersion: version });
      assert.ok(found.kind === 'problem' && found.code === 'server_too_old', version);
    }
  });

  test('chooses the notation for HTTP/2 in nginx', () => {
    for (const version of [undefined, 'nginx/1.22.1', '1.25.0']) {
      assert.match(text('nginx', { serverVersion: version }), /listen 0\.0\.0\.0:443 ssl http2;/);
    }
    const later = text('nginx', { serverVersion: '1.25.1' });
    assert.match(later, /listen 0\.0\.0\.0:443 ssl;/);
    assert.equal(later.match(/^ *http2 on;$/gm)?.length, 2);
  });
});

describe('what a server cannot do is refused, and the field is named', () => {
  const refused = (server: ServerName, change: Partial<OneSiteRequest>) => {
    const found = changed(server, { ...CRT, ...change });
    return found.kind === 'problem' ? `${found.code} ${found.field} ${found.found}` : 'made';
  };

  test('by HAProxy, files, and a key that it does not look for', () => {
    assert.equal(refused('haproxy', { root: '/srv' }), 'no_root root "/srv"');
    const apart = { serverCert: '/site.pem', serverKey: '/site.key' };
    assert.equal(refused('haproxy', apart), 'key_apart serverKey "/site.key"');
    assert.equal(refused('haproxy', { ...apart, serverVersion: '3.0.0' }), 'made');
    assert.equal(refused('haproxy', { serverCert: '/site.pem', serverKey: '/site.pem' }), 'made');
  });

  test('by HAProxy, a path with a space where there is a list of certificates', () => {
    const site = (hostname: string, path: string) => ({
      zone: 'example.test',
      hostnames: [hostname],
      bundle: { kind: 'zone', path } as const,
    });
    const asked = (path: string) => {
      const found = result('haproxy', {
        ...CRT,
        sites: [site('a.example.test', '/a.pem'), site('b.example.test', path)],
      });
      return found.kind === 'problem' ? `${found.code} ${found.field}` : 'made';
    };
    assert.equal(asked('/b.pem'), 'made');
    assert.equal(asked('/my b.pem'), 'path_with_space bundle.path');
  });

  test('by Caddy, revocation lists', () => {
    assert.equal(refused('caddy', { crl: '/lists.crl' }), 'no_crl crl "/lists.crl"');
    const own = { alsoTrust: '/own.pem', alsoTrustCrl: '/own.crl', alsoListen: ['127.0.0.1:9443'] };
    assert.equal(refused('caddy', own), 'no_crl alsoTrustCrl "/own.crl"');
  });

  test('by a Caddy that lets sessions of one CA in where another is trusted, two of them', () => {
    const site = {
      zone: 'example.test',
      hostnames: ['a.example.test'],
      bundle: { kind: 'zone', path: '/a.pem' },
    } as const;
    const neighbour = { ...site, hostnames: ['b.example.test'], bundle: { kind: 'zone', path: '/b.pem' } } as const;
    const asked = (serverVersion: string | undefined, request: OriginRequest) => {
      const found = result('caddy', { ...request, serverVersion });
      return found.kind === 'problem' ? `${found.code} ${found.field} ${found.found}` : 'made';
    };
    const own = { sites: [{ ...site, alsoTrust: '/own.pem' }], alsoListen: ['127.0.0.1:9443'] };
    for (const two of [own, { sites: [site, neighbour] }]) {
      for (const version of ['2.7.0', '2.7.6', '2.8.4'])
        assert.equal(asked(version, two), `sessions_cross serverVersion "${version}"`);
      for (const version of [undefined, '2.6.2', '2.9.0', '2.11.4']) assert.equal(asked(version, two), 'made');
    }
    assert.equal(asked('2.8.4', { sites: [site] }), 'made', 'one CA');
  });

  test('by Apache and lighttpd, long names for the verified header while watching', () => {
    for (const server of ['apache', 'lighttpd'] as const) {
      const watching = (verifiedHeader: string) => refused(server, { mode: 'watch', verifiedHeader });
      assert.equal(watching('X-Client-Cert-Verified'), 'long_header verifiedHeader "X-Client-Cert-Verified"');
      assert.equal(watching('X-Client-Verified'), 'made');
      assert.equal(refused(server, { verifiedHeader: 'X-Client-Cert-Verified' }), 'made');
      assert.equal(refused(server, { mode: 'watch', root: '/srv', verifiedHeader: 'X-A-B-C' }), 'made');
    }
    assert.equal(refused('nginx', { mode: 'watch', verifiedHeader: 'X-Client-Cert-Verified' }), 'made');
  });

  test('by each without a second listener, callers of another CA', () => {
    for (const server of SERVERS.filter((one) => !['nginx', 'apache', 'haproxy', 'caddy', 'node'].includes(one))) {
      const own = { alsoTrust: '/own.pem', alsoListen: ['127.0.0.1:9443'] };
      assert.equal(refused(server, own), 'also_trust_unsupported alsoTrust "/own.pem"');
    }
  });
});

test('a bundle becomes one line for each CA in Caddy, and a text that is none is refused', () => {
  const path = configPath('/etc/postern/bundle.pem') ?? assert.fail();
  assert.throws(() => trustFiles('caddy', { path, text: 'none' }), PkiError);
  assert.deepEqual(trustFiles('nginx', { path, text: 'none' }), []);
});

test('nothing that opens a lock is in an enforcing configuration', () => {
  const nginx = text('nginx');
  for (const trap of [
    'ssl_trusted_certificate',
    'error_page',
    'optional',
    'ssl_early_data on',
    'ssl_session_tickets on',
  ]) {
    assert.ok(!nginx.includes(trap), trap);
  }
  const haproxy = text('haproxy', CRT);
  for (const trap of ['optional', 'ignore-err', 'verify none', 'accept-invalid', 'allow-0rtt', 'no-strict']) {
    assert.ok(!haproxy.includes(trap), trap);
  }
  const caddy = text('caddy');
  for (const trap of [
    'mode request',
    'verify_if_given',
    'mode require\n',
    'insecure',
    'trusted_leaf',
    'ca_cert_file',
  ]) {
    assert.ok(!caddy.includes(trap), trap);
  }
  const apache = text('apache');
  for (const trap of ['optional', 'SSLSessionTickets on', 'insecure', 'SSLCACertificatePath', 'Satisfy']) {
    assert.ok(!apache.includes(trap), trap);
  }
});

test('every place in nginx that hands a request on sets the verified header and blanks its other spellings', () => {
  for (const mode of ['enforce', 'watch'] as const) {
    const blocks = text('nginx', { mode }).split('proxy_pass ').slice(1);
    assert.equal(blocks.length, mode === 'watch' ? 2 : 1);
    for (const block of blocks) {
      assert.match(block, /proxy_set_header X-Postern-Verified \$ssl_client_verify;/);
      for (const spelling of ['X_Postern_Verified', 'X-Postern_Verified', 'X_Postern-Verified']) {
        assert.ok(block.includes(`proxy_set_header ${spelling} "";`), spelling);
      }
    }
  }
});

test('two sites have different words for their variables and files', () => {
  const words = (change: Partial<OneSiteRequest>) => /postern_app_(\w+)/.exec(text('nginx', change))?.[1];
  const all = [{}, { hostnames: ['www-example.test'] }, { listen: [':8443'] }, { hostnames: ['*.example.test'] }].map(
    words,
  );
  assert.equal(new Set(all).size, all.length);
});

test('says when the application can be reached past the lock', () => {
  const notes = (upstream: string) => {
    const found = changed('nginx', { upstream });
    return found.kind === 'config' ? found.notes.join('\n') : '';
  };
  assert.match(notes('http://10.0.0.5:3000'), /walks past this lock/);
  for (const local of ['http://127.0.0.1:3000', 'http://[::1]:3000', 'http://localhost:3000', 'unix:/run/app.sock']) {
    assert.doesNotMatch(notes(local), /walks past/, local);
  }
});
