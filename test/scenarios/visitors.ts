import assert from 'node:assert/strict';
import { Agent, get } from 'node:https';

/** What came of one request: how it was answered and by which worker. */
interface Visited {
  readonly status: number;
  /** The first half of the request's id, which each worker has for itself. */
  readonly worker: string;
}

/** A visitor who keeps one connection, and opens another when that one is closed. */
export interface KeptVisitor {
  /** Rejects where no answer comes. */
  readonly ask: () => Promise<Visited>;
  readonly leave: () => void;
}

const PATIENCE = 30_000;

/** A visitor of a host whose application tells what it saw. */
export function keptVisitor({ port, host }: { readonly port: number; readonly host: string }): KeptVisitor {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 });
  const options = { agent, port, host: '127.0.0.1', servername: host, headers: { host }, rejectUnauthorized: false };
  const ask = (): Promise<Visited> =>
    new Promise((resolve, reject) => {
      const request = get({ ...options, timeout: PATIENCE }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, worker: workerIn(body) }));
        response.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', reject);
    });
  return { ask, leave: () => agent.destroy() };
}

/** So many visitors, each with a connection that has been used once. */
export async function keptVisitors(count: number, at: Parameters<typeof keptVisitor>[0]) {
  const visitors: (KeptVisitor & { readonly worker: string })[] = [];
  for (let index = 0; index < count; index++) {
    const visitor = keptVisitor(at);
    const { status, worker } = await visitor.ask();
    assert.equal(status, 200);
    visitors.push({ ...visitor, worker });
  }
  return visitors;
}

/** Which worker answered, from what the application saw; empty where the answer is the edge's own. */
export function workerIn(body: string): string {
  return /"CF-Ray","([0-9a-f]{8})[0-9a-f]{8}"/i.exec(body)?.[1] ?? '';
}
