import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { type Site, startSite } from './site.ts';

const NAME = 'www.example.test';

describe('wrong use is said at once, with exit 2', () => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site[Symbol.asyncDispose]());
  const at = () => [NAME, '--connect', `127.0.0.1:${site.https}`];
  const pair = (cert: string, key: string) => `${site.file(cert)},${site.file(key)}`;

  const CASES: readonly (readonly [what: string, argv: () => readonly string[], said: RegExp])[] = [
    ['nothing to look at', () => [], /Nothing is named/],
    [
      'a URL',
      () => ['https://www.example.test:8443/x'],
      /Name the site \(www\.example\.test\) and the port with --connect www\.example\.test:8443/,
    ],
    ['an address as a name', () => ['127.0.0.1'], /not a name that a site can have/],
    ['a door for nobody', () => ['--connect', '127.0.0.1:1'], /no TARGET says what/],
    ['a place that is none', () => [NAME, '--connect', '127.0.0.1'], /--connect .* not HOST:PORT/],
    ['a format that is not known', () => [...at(), '--format', 'sarf'], /Did you mean sarif\?/],
    ['a server that is not known', () => ['--config', 'x', '--server', 'ngnix'], /Did you mean nginx\?/],
    ['a server without a configuration', () => [...at(), '--server', 'nginx'], /without a configuration/],
    ['a configuration that is not there', () => ['--config', '/nowhere/nginx.conf', '--server', 'nginx'], /nowhere/],
    ['a finding that is not known', () => ['--explain', 'optinal'], /Did you mean optional\?/],
    ['an identity without its key file', () => [...at(), '--identity', 'a.pem,'], /not CERT,KEY/],
    [
      'an identity that is not there',
      () => [...at(), '--identity', 'a.pem,a.key'],
      /--identity a\.pem cannot be read \(ENOENT\)/,
    ],
    [
      'a key of somebody else',
      () => [...at(), '--identity', pair('good.pem', 'neighbour.key')],
      /neighbour\.key does not fit the certificate in \S+good\.pem/,
    ],
    [
      'a foreign key of somebody else',
      () => [...at(), '--foreign-identity', pair('neighbour.pem', 'good.key')],
      /does not fit/,
    ],
    [
      'a right identity that has expired',
      () => [...at(), '--identity', pair('expired.pem', 'expired.key')],
      /expired\.pem: The certificate has expired/,
    ],
    [
      'the same as right and foreign',
      () => [...at(), '--identity', pair('good.pem', 'good.key'), '--foreign-identity', pair('good.pem', 'good.key')],
      /both as the right identity/,
    ],
    ['an authority without its key', () => [...at(), '--ca-cert', site.file('bundle.pem')], /--ca-cert is given alone/],
    [
      'an authority with another key',
      () => [...at(), '--ca-cert', site.file('bundle.pem'), '--ca-key', site.file('good.key')],
      /does not fit/,
    ],
    [
      'a leaf as authority',
      () => [...at(), '--ca-cert', site.file('good.pem'), '--ca-key', site.file('good.key')],
      /no CA/,
    ],
    ['a file of targets that is not there', () => ['--targets', '/nowhere/targets'], /ENOENT/],
    ['a file of targets without any', () => ['--targets', write(site, 'none.txt', '# nobody\n')], /names nobody/],
    [
      'more targets than are taken',
      () => ['--targets', write(site, 'all.txt', 'a.test 127.0.0.1:1\n'.repeat(10_001))],
      /10000 are the most/,
    ],
    [
      'a policy with a misspelt key',
      () => [...at(), '--policy', write(site, 'p.yaml', 'fail_on: { verdict: [open] }')],
      /fail_on\.verdict is not known/,
    ],
    [
      'a policy with a finding that is not known',
      () => [...at(), '--policy', write(site, 'p.yaml', 'fail_on: { codes: [plain_htp] }')],
      /Did you mean plain_http\?/,
    ],
    [
      'a policy without a reason',
      () => [...at(), '--policy', write(site, 'p.yaml', 'accept: [{ code: optional, until: 2030-01-01 }]')],
      /accept\.0\.reason/,
    ],
    [
      'a policy with a day that is none',
      () => [...at(), '--policy', write(site, 'p.yaml', 'accept: [{ code: optional, reason: x, until: 2030-02-31 }]')],
      /accept\.0\.until is not a day/,
    ],
    ['a path that is none', () => [...at(), '--path', 'status'], /--path/],
    ['a header that is none', () => [...at(), '--verified-header', 'Host'], /--verified-header/],
    ['a watch of another format', () => [...at(), '--watch', '--format', 'junit'], /text or JSON/],
    ['an interval without a watch', () => [...at(), '--interval', '5m'], /without --watch/],
    ['an exposure without a resolver', () => ['--exposure', 'example.test'], /--resolver/],
    [
      'an exposure with a resolver by name',
      () => ['--exposure', 'example.test', '--resolver', 'dns.example.test:53'],
      /not an IP address/,
    ],
    [
      'an exposure with what only locks have',
      () => ['--exposure', 'example.test', '--resolver', '127.0.0.1', '--policy', 'p.yaml', '--also', '127.0.0.1:1'],
      /without --also, --policy;/,
    ],
    ['a resolver without an exposure', () => [...at(), '--resolver', '127.0.0.1'], /--resolver says nothing/],
    [
      'an exposure of too many addresses',
      () => [
        '--exposure',
        'example.test',
        '--resolver',
        '127.0.0.1',
        ...Array.from({ length: 21 }, (_, index) => ['--connect', `127.0.0.1:${index + 1}`]).flat(),
      ],
      /--connect is given 21 times/,
    ],
    ['an exposure beside a target', () => [NAME, '--exposure', 'example.test', '--resolver', '127.0.0.1'], /by itself/],
  ];

  for (const [what, argv, said] of CASES) {
    test(what, needs('nginx'), async () => {
      const { code, stdout, stderr } = await run(['doctor', ...argv()]);
      assert.match(stderr, said);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }
});

function write(site: Site, name: string, text: string): string {
  writeFileSync(site.file(name), text);
  return site.file(name);
}
