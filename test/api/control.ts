import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../../src/control/plane.ts';
import { type ApiServerOptions, createApiServer } from '../../src/control/server.ts';
import { openControlPlane } from '../../src/control/start.ts';
import { instant } from '../../src/domain/ids.ts';
import type { Limits } from '../../src/domain/limits.ts';
import { scratchDirectory } from '../support/scratch.ts';

/** An answer of the API: its envelope, with the HTTP status and fields. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly success: boolean;
  readonly result: T;
  readonly errors: readonly {
    readonly code: number;
    readonly message: string;
    readonly source?: { readonly pointer: string };
  }[];
  readonly messages: readonly { readonly code: number; readonly message: string }[];
  readonly result_info?: Readonly<Record<string, number>>;
}

/** A control plane and its API over real HTTP, without an edge: what is stored is in force. */
export interface Control extends AsyncDisposable {
  readonly plane: ControlPlane;
  /** Address of the API, without a path. */
  readonly base: string;
  readonly token: string;
  /** `path` stands below `/client/v4`, or begins with `/postern/`. A text is sent as it is. */
  readonly call: <T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer<T>>;
  /** A call that must succeed: its result. */
  readonly made: <T = { readonly id: string }>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Ends the control plane and starts another one on the same data. */
  readonly restart: () => Promise<void>;
}

interface Bent extends Partial<ApiServerOptions> {
  /** Milliseconds between the looks after rotations. */
  readonly rotationTick?: number;
}

/** Starts one, with the options of its API and the limits of its control plane that differ from the usual. */
export async function startControl(
  { rotationTick, ...bent }: Bent = {},
  limits: Partial<Limits> = {},
): Promise<Control> {
  const scratch = scratchDirectory();
  const paths = { dir: join(scratch.path, 'data'), kek: join(scratch.path, 'kek') };
  const clock = bent.clock ?? (() => instant(Date.now()));
  const log = () => undefined;
  const open = async () => {
    const plane = await openControlPlane({
      ...paths,
      clock,
      log,
      limits,
      ...(rotationTick === undefined ? {} : { rotationTick }),
    });
    const app = createApiServer({ ...bent, plane, clock, log });
    const base = await app.listen({ host: '127.0.0.1', port: 0 });
    return { plane, app, base };
  };
  let running = await open();
  const close = async () => {
    await running.app.close();
    await running.plane.close();
  };
  const token = readFileSync(join(paths.dir, 'bootstrap-token'), 'utf8').trim();
  const call = <T>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    send<T>(`${running.base}${path.startsWith('/postern/') ? '' : '/client/v4'}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    get plane() {
      return running.plane;
    },
    get base() {
      return running.base;
    },
    token,
    call,
    made: async <T>(method: string, path: string, body?: unknown) => {
      const answer = await call<T>(method, path, body);
      assert.ok(answer.success, `${method} ${path}: ${JSON.stringify(answer.errors)}`);
      return answer.result;
    },
    restart: async () => {
      await close();
      running = await open();
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      scratch[Symbol.dispose]();
    },
  };
}

const TIMEOUT = 30_000;

async function send<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT) });
  const envelope = (await response.json()) as Omit<Answer<T>, 'status' | 'headers'>;
  return { ...envelope, status: response.status, headers: response.headers };
}

/** All items that a paging client comes across. */
export async function all<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of pages) items.push(item);
  return items;
}
