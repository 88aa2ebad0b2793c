import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/availability.ts';
import { startCaddy, startNginx } from '../support/server-process.ts';
import { http2Host } from './http2-origin.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { makeZone, serverCertificate, startTestEdge } from './world.ts';

/** Real servers that speak HTTP/2 and ask for the certificate of the edge. */

interface Parts {
  readonly directory: string;
  readonly port: number | undefined;
}

const nginx = ({ directory, port }: Parts) => `
error_log stderr info;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl http2;
    server_name www.a.test;
    ssl_certificate ${join(directory, 'site.pem')};
    ssl_certificate_key ${join(directory, 'site.key')};
    ssl_client_certificate ${join(directory, 'bundle.pem')};
    ssl_verify_client on;
    ssl_verify_depth 3;
    return 200 "$server_protocol $ssl_client_verify $uri";
  }
}
`;

const caddy = ({ directory, port }: Parts) => `{
  admin off
  auto_https off
  storage file_system ${directory}
}
https://www.a.test:${port} {
  bind 127.0.0.1
  tls ${join(directory, 'site.pem')} ${join(directory, 'site.key')} {
    client_auth {
      mode require_and_verify
      trusted_ca_cert_file ${join(directory, 'bundle.pem')}
    }
  }
  respond "{http.request.proto} SUCCESS {http.request.uri.path}"
}
`;

const SERVERS = [
  ['nginx', startNginx, nginx],
  ['caddy', startCaddy, caddy],
] as const;

for (const [program, start, configuration] of SERVERS) {
  test(
    `${program} is pulled from over HTTP/2 with the certificate, and lets nobody in without`,
    needs(program),
    async (t) => {
      const zone = await makeZone('a.test');
      const { leaf } = await serverCertificate(['www.a.test']);
      await using server = await start({
        ports: 1,
        configuration: ({ directory, ports: [port] }) => {
          writeFileSync(join(directory, 'site.pem'), leaf.certificate.pem);
          writeFileSync(join(directory, 'site.key'), leaf.key.reveal());
          writeFileSync(join(directory, 'bundle.pem'), zone.authority.root.certificate.pem);
          return configuration({ directory, port });
        },
      });
      const edge = await startTestEdge(t, [zone], { accessLog: { policy: { kind: 'on' }, query: false } });
      edge.change(zone, zone.rules, [http2Host(server.ports[0] ?? 0)]);
      const paths = Array.from({ length: 20 }, (_, at) => `/${at}`);
      const replies = await Promise.all(paths.map((path) => visit(edge.https, 'www.a.test', path)));
      for (const [at, { body }] of replies.entries()) {
        assert.match(body, new RegExp(`^HTTP/2\\.0 SUCCESS /${at}$`), server.errorLog());
      }
      assert.equal(edge.edge.snapshot().gauges['origin_connections|idle'], 1);
      edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
      assert.ok((await visit(edge.https, 'www.a.test')).status >= 400);
      await until(() => edge.logged.some(({ origin_protocol: spoken }) => spoken === '2'));
    },
  );
}
