import { describeMatrix, describeModes } from './lock-matrix.ts';

for (const framework of ['node', 'express', 'fastify', 'koa', 'hono'] as const) {
  describeMatrix(framework);
  describeModes(framework);
}
