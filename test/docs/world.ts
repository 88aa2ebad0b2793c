import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServeOptions, serve } from '../../src/cli/serve.ts';
import { undescribed } from '../../src/control/api/described.fixture.ts';

/** A running Postern for the documents' commands, with a zone in it where they take one for granted. */
export interface World extends AsyncDisposable {
  /** `http://HOST:PORT`. */
  readonly api: string;
  /** Port of the edge. */
  readonly edge: number;
  readonly token: string;
  readonly data: string;
  /** Calls the API and answers the result; a refusal fails the test. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Makes a zone with a proxied record `www`; answers the ids of both. */
  readonly addZone: (name: string) => Promise<{ readonly zone: string; readonly record: string }>;
}

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** Starts control plane and edge below a directory. */
export async function startWorld(
  directory: string,
  { attestation = null }: Pick<ServeOptions, 'attestation'> = {},
): Promise<World> {
  const data = join(directory, 'data');
  const listeners = { api: LOOPBACK, https: LOOPBACK, http: null, workers: null };
  const running = await serve({ dir: data, kek: null, apiHosts: [], log: () => undefined, attestation, ...listeners });
  const api = `http://127.0.0.1:${running.api.port}`;
  const token = readFileSync(join(data, 'bootstrap-token'), 'utf8').trim();
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(api + path, { method, headers, ...sent });
    const text = await response.text();
    const type = response.headers.get('content-type');
    assert.equal(undescribed({ method, url: path, status: response.status, type, body: text }), null);
    const envelope = JSON.parse(text) as { readonly success: boolean; readonly result: unknown };
    assert.ok(envelope.success, `${method} ${path}: ${JSON.stringify(envelope)}`);
    return envelope.result;
  };
  const addZone = async (name: string) => {
    const zone = idOf(await call('POST', '/client/v4/zones', { name }));
    const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
    return { zone, record: idOf(await call('POST', `/client/v4/zones/${zone}/dns_records`, record)) };
  };
  return { api, edge: running.https.port, token, data, call, addZone, [Symbol.asyncDispose]: () => running.close(0) };
}

/** The id of a result. */
export function idOf(result: unknown): string {
  assert.ok(typeof result === 'object' && result !== null && 'id' in result && typeof result.id === 'string');
  return result.id;
}
