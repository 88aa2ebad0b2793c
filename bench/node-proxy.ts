// An edge made of a library, run as a process of its own: node bench/node-proxy.ts '<Job with a port as JSON>'.
import { readFileSync } from 'node:fs';
import proxy from '@fastify/http-proxy';
import { fastify } from 'fastify';
import type { Job } from './competitors.ts';

const { name, server, pull, origin, port } = JSON.parse(process.argv[2] ?? '') as Job & { readonly port: number };
const read = (path: string): string => readFileSync(path, 'utf8');

const app = fastify({ https: { cert: read(server.chain), key: read(server.key) }, keepAliveTimeout: 300_000 });
await app.register(proxy, {
  upstream: `https://127.0.0.1:${origin}`,
  undici: {
    connections: 256,
    pipelining: 1,
    allowH2: false,
    connect: { cert: read(pull.chain), key: read(pull.key), ca: read(server.ca), servername: name },
  },
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => ({
      ...headers,
      host: name,
      'x-forwarded-for': request.socket.remoteAddress,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': name,
      'cf-connecting-ip': request.socket.remoteAddress,
      'cf-ray': request.id,
    }),
  },
});
await app.listen({ host: '127.0.0.1', port });
