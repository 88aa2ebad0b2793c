import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { needs } from '../support/availability.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { assertStatus, lockedSite, type Site, trust, visit } from './site.ts';
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

describe('an origin that the edge does not believe', needs('nginx'), () => {
  let postern: Postern;
  let site: Site;

  before(async () => {
    // Nobody looks again by itself: whatever is seen otherwise is so because somebody asked, or changed the zone.
    postern = await startPostern({ argv: ['--attest-every', '1h'] });
    site = await lockedSite('nginx', postern, { name: 'believed.test', authority: await serverAuthority() });
  });
  after(async () => {
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  interface Seen extends AttestationFacts {
    readonly evidence: { readonly findings: readonly { readonly code: string; readonly detail: string }[] } | null;
  }
  const seen = async (): Promise<Seen> => {
    const path = `/postern/v1/zones/${site.zone}/attestations/${site.host}`;
    const [detail] = (await postern.call<readonly Seen[]>('GET', path)).result;
    return detail ?? assert.fail('it is not looked at');
  };
  const becomes = (verdict: string) =>
    until(
      `it is ${verdict}`,
      async () => {
        const facts = await seen().catch(() => null);
        return facts?.verdict === verdict && facts;
      },
      40_000,
    );
  const lookNow = () =>
    postern.call('POST', `/postern/v1/zones/${site.zone}/attestations`, { hostname: site.host }).then(() => seen());
  const setSsl = (value: string) => postern.call('PATCH', `/zones/${site.zone}/settings/ssl`, { value });

  test('is not called locked while every visitor gets 526, and people are told', async () => {
    await becomes('locked');
    assertStatus(await visit(postern, site.host), 200, 'before');
    const other = await serverAuthority();
    const { cert, key } = await other.issue([site.host]);
    const { directory } = site.origin.server;
    writeFileSync(join(directory, 'site.pem'), cert);
    writeFileSync(join(directory, 'site.key'), key, { mode: 0o600 });
    site.origin.server.signal('SIGHUP');
    await until('the edge refuses it', async () => {
      const outcome = await visit(postern, site.host);
      return outcome.kind === 'answered' && outcome.status === 526;
    });
    const { verdict, findings, evidence } = await lookNow();
    assert.equal(verdict, 'broken');
    assert.equal(findings[0], 'origin_not_believed');
    const detail = evidence?.findings.find(({ code }) => code === 'origin_not_believed')?.detail;
    assert.match(detail ?? '', /a CA that the zone/);
    const notice = await until('people are told', async () => {
      const { result } = await postern.call<readonly { code: string; detail: string }[]>('GET', '/postern/v1/notices');
      return result.find(({ code }) => code === 'lock_broken') ?? false;
    });
    assert.match(notice.detail, /The edge does not believe the origin's own certificate/);
    // Whom nobody verifies nobody disbelieves; the change alone has it looked at anew.
    await setSsl('full');
    await becomes('locked');
    await setSsl('strict');
    await becomes('broken');
    await trust(postern, site.zone, other);
    await becomes('locked');
    assertStatus(await visit(postern, site.host), 200, 'after');
  });

  test('nor one whose certificate is for another name', async () => {
    const other = await serverAuthority();
    const { cert, key } = await other.issue(['elsewhere.believed.test']);
    await trust(postern, site.zone, other);
    await becomes('locked');
    writeFileSync(join(site.origin.server.directory, 'site.pem'), cert);
    writeFileSync(join(site.origin.server.directory, 'site.key'), key, { mode: 0o600 });
    site.origin.server.signal('SIGHUP');
    const { evidence } = await until('it is broken', async () => {
      const facts = await lookNow();
      return facts.verdict === 'broken' && facts;
    });
    assert.match(JSON.stringify(evidence?.findings), /does not name www\.believed\.test, but .*elsewhere/);
  });
});

describe('a lock that watches again after it was seen to hold', needs('nginx'), () => {
  test('is seen open as soon as the origin tells who came, long before the next look', async () => {
    await using postern = await startPostern({ argv: ['--attest-every', '1h'] });
    await using site = await lockedSite('nginx', postern, { name: 'again.test', authority: await serverAuthority() });
    const verdict = async () =>
      (await postern.call<LockFacts>('GET', `/postern/v1/zones/${site.zone}/lock`)).result.verdict;
    await until('it is locked', async () => (await verdict()) === 'locked');
    // Whatever else was to be looked at, since the zone had changed, is looked at before this is answered.
    await postern.call('POST', `/postern/v1/zones/${site.zone}/attestations`, { hostname: site.host });
    await delay(3_000);
    const file = join(site.origin.server.directory, 'server.conf');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/ssl_verify_client on;/g, 'ssl_verify_client optional;'));
    site.origin.server.signal('SIGHUP');
    let batch = 0;
    const tells = (counts: { readonly without: number; readonly looks: number }) => {
      batch += 1;
      const counted = { accepted: 0, foreign: 0, unverified: 0, ...counts };
      return postern.call('POST', `/postern/v1/zones/${site.zone}/origins/callers`, {
        host: 'web-1',
        lock: 'again',
        batch: batch.toString(16).padStart(32, '0'),
        hostnames: [site.host],
        counts: [{ hostname: site.host, at: new Date().toISOString(), ...counted, examples: [] }],
      });
    };
    await until(
      'it is seen open',
      async () => {
        await tells({ without: 1, looks: 0 });
        await delay(1_000);
        return (await verdict()) === 'open';
      },
      60_000,
    );
  });
});
