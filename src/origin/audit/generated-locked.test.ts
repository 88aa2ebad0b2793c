import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { ConfigurationReading } from '../../doctor/configuration.ts';
import { FINDINGS } from '../../doctor/diagnosis/findings.ts';
import { generate } from '../generate/generate.ts';
import { sourceOf } from '../install/memory.fixture.ts';
import { type OriginRequest, originRequirement } from '../requirement.ts';
import { auditApache } from './apache.ts';
import { AUDITED_AT, trustedFiles } from './audited-case.fixture.ts';
import type { AuditRequest } from './audit-request.ts';
import { auditHaproxy } from './haproxy.ts';
import { auditLighttpd } from './lighttpd.ts';

const GOLDEN = join(import.meta.dirname, '../generate/golden');
const RULER = `\n${'-'.repeat(80)}\n`;
const AUDITS = { apache: auditApache, haproxy: auditHaproxy, lighttpd: auditLighttpd } as const satisfies Record<
  string,
  (request: AuditRequest) => ConfigurationReading
>;

let files: ReadonlyMap<string, string>;
before(async () => {
  files = await trustedFiles();
});

/** The files that a generated configuration names: authorities and their lists, and the server's own certificate. */
function around(request: OriginRequest, texts: readonly string[]): ReadonlyMap<string, string> {
  const trusted = request.sites.flatMap(({ bundle, alsoTrust }) => [bundle.path, alsoTrust ?? '']);
  const named = texts.flatMap((text) =>
    [...text.matchAll(/"(\/[^"\s]+\.(?:pem|crl|key))"|(\/[^"\s\]]+\.(?:pem|crl))/g)].map(
      (found) => found[1] ?? found[2] ?? '',
    ),
  );
  const kind = (path: string) =>
    trusted.includes(path) ? '/t/both.pem' : path.endsWith('.crl') ? '/t/both.crl' : '/t/site.pem';
  return new Map(named.map((path) => [path, files.get(kind(path)) ?? '']));
}

describe('what the generators make is understood, and found locked', () => {
  for (const name of readdirSync(GOLDEN)) {
    const kind = (['apache', 'haproxy', 'lighttpd'] as const).find((one) => name.startsWith(`${one}-`));
    if (kind === undefined) continue;
    test(name, () => {
      const [input = ''] = readFileSync(join(GOLDEN, name), 'utf8').split(RULER);
      const request = JSON.parse(input) as OriginRequest;
      const requirement = originRequirement(request);
      assert.ok(!('kind' in requirement));
      const made = generate(kind, requirement);
      assert.ok(made.kind === 'config');
      const texts = [made.text, ...made.files.map(({ text }) => text)];
      const main = `/etc/${kind}/main.conf`;
      const all = new Map([
        ...around(request, texts),
        ...made.files.map(({ path, text }) => [path, text] as const),
        [main, made.text] as const,
      ]);
      const reading = AUDITS[kind]({ main, source: sourceOf(all), now: AUDITED_AT, hosts: [], version: null });
      const shown = JSON.stringify([reading.claims, reading.findings], null, 1);
      // What only watches refuses nobody, and a name that was asked to be open may lead to the same application.
      const upstreams = new Set(request.sites.map(({ upstream }) => upstream));
      const mayBeOpen = (host: string) =>
        request.openNames?.some(({ upstream }) => upstreams.has(upstream)) === true ||
        request.sites.some(({ mode, hostnames }) => mode === 'watch' && hostnames.includes(host));
      assert.ok(reading.claims.length > 0, shown);
      for (const { host, verdict } of reading.claims) {
        assert.ok(verdict === 'locked' || (verdict === 'open' && mayBeOpen(host)), `${host}: ${shown}`);
      }
      const grave = reading.findings.filter(({ code }) => ['critical', 'high'].includes(FINDINGS[code].severity));
      assert.deepEqual(
        grave.filter(({ target }) => target === null || !mayBeOpen(target)),
        [],
        shown,
      );
    });
  }
});
