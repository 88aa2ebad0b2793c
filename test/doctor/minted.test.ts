import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';
import { lockedSite, type Site } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';

interface Told {
  readonly verdict: string;
  readonly findings: readonly { readonly code: string }[];
  readonly checked: readonly { readonly probe: string; readonly saw: string }[];
  readonly notChecked: readonly { readonly what: string; readonly why: string }[];
}

describe('a lock that is tried with what the control plane signs', needs('nginx'), () => {
  let postern: Postern;
  let site: Site;

  before(async () => {
    postern = await startPostern();
    site = await lockedSite('nginx', postern, { name: 'minted.test', authority: await serverAuthority() });
  });
  after(async () => {
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  async function told(token: string): Promise<Told & { readonly code: number | null }> {
    const connect = `127.0.0.1:${site.origin.tlsPort}`;
    const argv = ['doctor', site.host, '--connect', connect, '--api', postern.base, '--format', 'json'];
    const { code, stdout } = await run(argv, { POSTERN_TOKEN: token });
    return { code, ...(JSON.parse(stdout) as Told) };
  }

  test('the right certificate opens it, and the wrong ones of the same authority do not', async () => {
    const { code, verdict, checked } = await told(postern.token);
    assert.deepEqual([code, verdict], [0, 'locked']);
    const saw = (kind: string) => checked.filter(({ probe }) => probe === `${kind}, TLS 1.3`).map((one) => one.saw);
    assert.deepEqual(saw('right certificate'), ['answered 200']);
    for (const kind of ['expired certificate', "neighbour's certificate", 'certificate for servers only']) {
      assert.match(saw(kind).join(), /^refused/, kind);
    }
  });

  test('a revoked one comes along as soon as the zone has revoked any', async () => {
    const before = await told(postern.token);
    assert.ok(
      before.notChecked.some(({ what, why }) => /revoked certificate/.test(what) && /revoked nothing/.test(why)),
    );
    await postern.call('POST', `/postern/v1/zones/${site.zone}/revocations`, { serial: '0x9c01' });
    const { verdict, checked, findings, notChecked } = await told(postern.token);
    assert.ok(!notChecked.some(({ what }) => /revoked certificate/.test(what)));
    assert.ok(
      checked.some(({ probe, saw }) => probe.startsWith('revoked certificate') && saw.startsWith('answered 200')),
    );
    // This origin was given no lists.
    assert.deepEqual([verdict, findings.some(({ code }) => code === 'no_revocation')], ['locked', true]);
  });

  test('a token without that right tries what a stranger can, and says what is missing', async () => {
    const draft = { name: 'reader', permissions: ['zone:read', 'ssl:read', 'settings:read', 'dns:read'], zones: 'all' };
    const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', draft);
    const { verdict, checked, notChecked } = await told(result.token);
    assert.equal(verdict, 'locked');
    assert.ok(!checked.some(({ probe }) => probe.startsWith('right certificate')));
    assert.ok(notChecked.some(({ why }) => /none can be signed/.test(why)));
  });
});
