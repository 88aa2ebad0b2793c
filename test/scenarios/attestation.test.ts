import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { lockedSite, type Site } from './site.ts';
import { until } from './until.ts';

interface LockFacts {
  readonly verdict: string | null;
  readonly locked_since: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

interface AttestationFacts {
  readonly verdict: string;
  readonly locked_since: string | null;
  readonly last_open: string | null;
  readonly findings: readonly string[];
}

describe('the lock of a real nginx is looked at again and again', needs('nginx'), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let site: Site;

  before(async () => {
    authority = await serverAuthority();
    postern = await startPostern({ argv: ['--attest-every', '10s'] });
    site = await lockedSite('nginx', postern, { name: 'seen.test', authority });
  });
  after(async () => {
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const lock = async () => (await postern.call<LockFacts>('GET', `/postern/v1/zones/${site.zone}/lock`)).result;
  const wait = (what: string, fits: (facts: LockFacts) => boolean) =>
    until(
      what,
      async () => {
        const facts = await lock();
        return fits(facts) && facts;
      },
      40_000,
    );

  test('it is seen locked without anybody asking', async () => {
    const facts = await wait('it is locked', ({ verdict }) => verdict === 'locked');
    assert.ok(facts.locked_since !== null);
    assert.deepEqual(facts.counts, { locked: 1, open: 0, broken: 0, unknown: 0 });
  });

  test('one that opens is noticed within an interval, told, and noticed again when it holds', async () => {
    const file = join(site.origin.server.directory, 'server.conf');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/ssl_verify_client on;/g, 'ssl_verify_client optional;'));
    site.origin.server.signal('SIGHUP');
    await wait('it is open', ({ verdict }) => verdict === 'open');
    const notices = await until('people are told', async () => {
      const { result } = await postern.call<readonly { code: string; severity: string }[]>(
        'GET',
        '/postern/v1/notices',
      );
      return result.some(({ code }) => code === 'lock_open') && result;
    });
    assert.equal(notices.find(({ code }) => code === 'lock_open')?.severity, 'critical');
    writeFileSync(file, text);
    site.origin.server.signal('SIGHUP');
    await wait('it holds again', ({ verdict }) => verdict === 'locked');
    const path = `/postern/v1/zones/${site.zone}/attestations/${site.host}`;
    const [detail] = (
      await postern.call<readonly (AttestationFacts & { changes: readonly { verdict: string }[] })[]>('GET', path)
    ).result;
    assert.ok(detail?.last_open !== null);
    assert.deepEqual(
      detail?.changes.map(({ verdict }) => verdict),
      ['locked', 'open', 'locked'],
    );
  });
});
