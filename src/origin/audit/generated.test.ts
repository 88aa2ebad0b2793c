import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { generate, trustFiles } from '../generate/generate.ts';
import type { ServerName } from '../generate/server-facts.ts';
import { sourceOf } from '../install/memory.fixture.ts';
import { type OriginRequest, originRequirement } from '../requirement.ts';
import { audit, AUDITED } from './audit.ts';
import { auditFiles, grave, NOW, overall } from './audit.fixture.ts';

const GOLDEN = join(import.meta.dirname, '../generate/golden');
const RULER = `\n${'-'.repeat(80)}\n`;

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

/** A whole file, for a part that is included. */
function whole(server: ServerName, text: string): string {
  return server === 'nginx' && !/^http \{/m.test(text) ? `events {}\nhttp {\n${text}\n}\n` : text;
}

describe('what Postern generates is found locked', () => {
  for (const name of readdirSync(GOLDEN)) {
    const server = AUDITED.find((one) => name.startsWith(`${one}-`));
    if (server === undefined) continue;
    test(name, () => {
      const request = JSON.parse(readFileSync(join(GOLDEN, name), 'utf8').split(RULER)[0] ?? '') as OriginRequest;
      const requirement = originRequirement(request);
      assert.ok(!('kind' in requirement));
      const made = generate(server, requirement);
      assert.ok(made.kind === 'config');
      const isWatched = request.sites.some(({ mode }) => mode === 'watch');
      const trusted = request.sites.flatMap(({ bundle, crl, alsoTrust, alsoTrustCrl }) => [
        [bundle.path, files.get('edge-chain.pem') ?? ''] as const,
        ...(crl === undefined ? [] : [[crl, files.get('chain.crl') ?? ''] as const]),
        ...(alsoTrust === undefined ? [] : [[alsoTrust, files.get('other-ca.pem') ?? ''] as const]),
        ...(alsoTrustCrl === undefined ? [] : [[alsoTrustCrl, files.get('other.crl') ?? ''] as const]),
      ]);
      const there = new Map([
        ...trusted,
        ...requirement.sites.flatMap(({ trust }) =>
          trustFiles(server, { path: trust.bundle, text: files.get('edge-chain.pem') ?? '' }).map(
            ({ path, text }) => [path, text] as const,
          ),
        ),
        ...made.files.map(({ path, text }) => [path, text] as const),
        ['/main', whole(server, made.text)],
      ]);
      const reading = audit(server, { main: '/main', source: sourceOf(there), now: NOW, hosts: [], version: null });
      assert.ok(reading !== null && reading.claims.length > 0);
      // Who watches refuses nobody, and an open name may reach what the locked one does.
      if (isWatched) return assert.notEqual(overall(reading), 'locked');
      if ((request.openNames ?? []).length > 0) {
        const others = grave(reading).filter((text) => !text.startsWith('open_sibling'));
        assert.deepEqual(others, [], JSON.stringify(reading, null, 1));
        return assert.ok(overall(reading) !== 'open' || grave(reading).length > 0);
      }
      assert.deepEqual([overall(reading), grave(reading)], ['locked', []], JSON.stringify(reading, null, 1));
    });
  }
});
