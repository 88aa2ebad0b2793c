import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprint, zoneId } from '../domain/ids.ts';
import {
  type InstalledLines,
  isLockName,
  type LockedZone,
  type LockFile,
  type LockRecord,
  lockRecordText,
  readLockRecord,
} from './lock-record.ts';

const ZONE: LockedZone = {
  id: zoneId('a'.repeat(32)) ?? assert.fail('no id'),
  name: 'example.test',
  bundle: '/etc/postern/example.test.pem',
  crl: null,
  trusted: [fingerprint('b'.repeat(64)) ?? assert.fail('no fingerprint')],
  bundleVersion: 1_924_992_000,
};

const FILE: LockFile = { path: '/etc/nginx/conf.d/www.conf', sha256: 'c'.repeat(64) };

const RECORD: LockRecord = {
  format: 'postern-lock',
  version: 1,
  name: 'nginx',
  server: 'nginx',
  program: '/usr/sbin/nginx',
  serverVersion: '1.22.1',
  request: {
    sites: [{ zone: 'example.test', hostnames: ['www.example.test'], bundle: { kind: 'zone', path: ZONE.bundle } }],
    listenHttp: 'off',
    form: 'fragment',
  },
  files: [FILE],
  zones: [ZONE],
  test: ['nginx', '-t'],
  reload: ['systemctl', 'reload', 'nginx'],
  controlPlane: { url: 'https://postern.example.test:8400', ca: '/etc/postern/api-ca.pem' },
  installedOn: '2031-01-31T12:00:00.000Z',
};

const INSTALLED: InstalledLines = {
  main: '/etc/haproxy/haproxy.cfg',
  directory: '/etc/postern',
  edited: ['/etc/haproxy/haproxy.cfg'],
  texts: { enforce: {}, watch: {} },
};

test('a record is read as it was written', () => {
  assert.deepEqual(readLockRecord(lockRecordText(RECORD)), RECORD);
  const installed = {
    ...INSTALLED,
    lines: { '/etc/haproxy/haproxy.cfg': [{ enforce: 'bind :443 x', watch: '# bind' }] },
  };
  for (const one of [INSTALLED, installed]) {
    assert.deepEqual(readLockRecord(lockRecordText({ ...RECORD, installed: one })), { ...RECORD, installed: one });
  }
  const bare = { ...RECORD, program: null, serverVersion: null, test: null, reload: null, controlPlane: null };
  assert.deepEqual(readLockRecord(lockRecordText(bare)), bare);
});

test('anything else is refused, and the field is named', () => {
  const site = RECORD.request.sites[0];
  const rows: readonly (readonly [string, object])[] = [
    ['format', { format: 'postern' }],
    ['version', { version: 2 }],
    ['name', { name: '../nginx' }],
    ['server', { server: 'telnetd' }],
    ['program', { program: 'nginx' }],
    ['request', { request: [] }],
    ['request', { request: { ...RECORD.request, more: 1 } }],
    ['request', { request: { sites: [{ ...site, mode: 'open' }] } }],
    ['request', { request: { sites: [{ ...site, bundle: { kind: 'zone' } }] } }],
    ['request', { request: { ...RECORD.request, listen: ':443' } }],
    ['files', { files: ['/etc/x'] }],
    ['files', { files: [{ ...FILE, sha256: 'x' }] }],
    ['files', { files: [{ ...FILE, path: 'x' }] }],
    ['zones', { zones: [{ ...ZONE, id: 'x' }] }],
    ['zones', { zones: [{ ...ZONE, bundle: '' }] }],
    ['zones', { zones: [{ ...ZONE, bundleVersion: 0 }] }],
    ['zones', { zones: [{ ...ZONE, trusted: ['x'] }] }],
    ['zones', { zones: [ZONE, ZONE] }],
    ['test', { test: 'nginx -t' }],
    ['test', { test: [] }],
    ['reload', { reload: ['kill\0', '-9'] }],
    ['controlPlane', { controlPlane: { url: 'file:///etc/passwd', ca: null } }],
    ['installedOn', { installedOn: 'yesterday' }],
    ['installed', { installed: { ...INSTALLED, main: 'x' } }],
    ['installed', { installed: { ...INSTALLED, lines: { x: [] } } }],
    ['installed', { installed: { ...INSTALLED, lines: { '/x': [{ enforce: 'a' }] } } }],
    ['installed', { installed: { ...INSTALLED, lines: { '/x': [{ enforce: 'a\nb', watch: 'b' }] } } }],
    ['extra', { extra: true }],
  ];
  for (const [field, change] of rows) {
    assert.deepEqual(
      readLockRecord(JSON.stringify({ ...RECORD, ...change })),
      { fault: field },
      JSON.stringify(change),
    );
  }
  assert.deepEqual(readLockRecord('['), { fault: 'it is no object of JSON' });
  assert.deepEqual(readLockRecord('[]'), { fault: 'it is no object of JSON' });
});

test('the name of a lock is the name of a file, and of nothing above it', () => {
  for (const name of ['nginx', 'www.example.test', 'a_b-c']) assert.ok(isLockName(name));
  for (const name of ['', '.', '..', '.x', 'a/b', 'a..b', 'a b', 'x'.repeat(65)]) assert.ok(!isLockName(name), name);
});
