import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../support/availability.ts';
import { fieldValues } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { startHaproxy } from '../support/server-process.ts';
import { serverAuthority } from './authorities.ts';
import { startPostern } from './postern.ts';
import { assertStatus, lockedSite } from './site.ts';

test(
  'behind a balancer that says who visits, a locked origin is told of the visitor, by every worker',
  needs('haproxy', 'nginx'),
  async () => {
    const flags = ['--workers', '2', '--proxy-protocol', '127.0.0.0/8'];
    await using postern = await startPostern({ argv: flags });
    const authority = await serverAuthority();
    await using site = await lockedSite('nginx', postern, { name: 'balanced.test', authority });
    await using balancer = await startHaproxy({
      ports: 1,
      configuration: ({ ports: [port] }) => `defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen edge
  bind 127.0.0.1:${port}
  server edge 127.0.0.1:${postern.https} send-proxy-v2 source 127.0.0.3
`,
    });
    const [port = 0] = balancer.ports;
    for (let visitor = 0; visitor < 4; visitor++) {
      assertStatus(await knock({ port, sni: site.host }), 200, 'through the balancer');
      const seen = site.origin.application.seen.at(-1) ?? assert.fail();
      assert.deepEqual(fieldValues(seen, 'CF-Connecting-IP'), ['127.0.0.1']);
    }
    const past = await knock({ port: postern.https, sni: site.host });
    assert.notEqual(past.kind, 'answered', 'a visitor that comes past the balancer is not heard');
    assert.equal(site.origin.application.seen.length, 4);
  },
);
