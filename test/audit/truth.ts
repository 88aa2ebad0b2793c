import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../src/domain/verdict.ts';
import { audit } from '../../src/origin/audit/audit.ts';
import { overall } from '../../src/origin/audit/audit.fixture.ts';
import { sourceOf } from '../../src/origin/install/memory.fixture.ts';
import type { ServerVersion } from '../../src/origin/server-version.ts';
import type { Credential } from '../support/knock.ts';
import { DidNotStart, type RunningServer, type ServerSetup } from '../support/server-process.ts';
import { type Callers, getsIn, type Socket, startWord, waysIn } from './strangers.ts';

/** Ports that a case is moved to. */
export interface Ports {
  readonly tls: number;
  readonly plain: number;
  readonly other: number;
  readonly application: number;
  readonly neighbour: number;
}

/** How a server's cases come to this machine. */
export interface Stage {
  readonly server: 'nginx' | 'caddy' | 'stunnel';
  readonly version: ServerVersion;
  readonly start: (setup: ServerSetup) => Promise<RunningServer>;
  /** A case on ports of this machine. */
  readonly placed: (text: string, directory: string, ports: Ports) => string;
  readonly socketsOf: (text: string, ports: Ports) => readonly Socket[];
  readonly hosts: readonly string[];
}

/** What an audit says, and what the server does. */
export interface Truth {
  readonly audited: Verdict;
  /** Ways in of strangers; none where the server did not start. */
  readonly ways: readonly string[];
  readonly edge: boolean;
}

const WORD = 'THE APPLICATION';

/** Starts a server with a case, lets everybody knock, and audits the same text. */
export async function truthOf(text: string, files: ReadonlyMap<string, string>, stage: Stage): Promise<Truth> {
  await using application = await startWord(WORD);
  await using neighbour = await startWord('another one');
  const written: { text: string; ports: Ports; directory: string }[] = [];
  const server = await started(stage, {
    ports: 3,
    quiet: [1, 2],
    configuration: ({ ports: [tls = 0, plain = 0, other = 0], directory }) => {
      for (const [name, content] of files) writeFileSync(join(directory, name), content);
      const ports = { tls, plain, other, application: application.port, neighbour: neighbour.port };
      written.push({ text: stage.placed(text, directory, ports), ports, directory });
      return written.at(-1)?.text ?? '';
    },
  });
  const last = written.at(-1);
  assert.ok(last !== undefined);
  try {
    const sockets = server === null ? [] : stage.socketsOf(last.text, last.ports);
    return { ...(await asked(text, sockets, files)), audited: auditedText(last, files, stage) };
  } finally {
    await server?.stop();
  }
}

async function started(stage: Stage, setup: ServerSetup): Promise<RunningServer | null> {
  try {
    return await stage.start(setup);
  } catch (error) {
    if (error instanceof DidNotStart) return null;
    throw error;
  }
}

async function asked(
  text: string,
  sockets: readonly Socket[],
  files: ReadonlyMap<string, string>,
): Promise<Pick<Truth, 'ways' | 'edge'>> {
  const credential = (name: string): Credential => ({
    cert: files.get(`${name}.pem`) ?? '',
    key: files.get(`${name}.key`) ?? '',
  });
  const callers: Callers = { nobody: null, forged: credential('forged'), neighbour: credential('neighbour') };
  const [first] = sockets;
  return {
    ways: await waysIn(sockets, callers, WORD),
    edge: first !== undefined && (await getsIn(first, credential(edgeOf(text)), WORD)),
  };
}

// The edge of each authority comes with what that signed.
function edgeOf(text: string): string {
  if (/edge-chain\.pem|leaf\.pem|intermediate\.pem/.test(text)) return 'below';
  return text.includes('edge-long.pem') ? 'deep' : 'right';
}

function auditedText(
  { text, directory }: { readonly text: string; readonly directory: string },
  files: ReadonlyMap<string, string>,
  { server, version, hosts }: Stage,
): Verdict {
  const main = join(directory, 'server.conf');
  const source = sourceOf(
    new Map([...[...files].map(([name, content]) => [join(directory, name), content] as const), [main, text]]),
  );
  const reading = audit(server, { main, source, now: Date.now(), hosts, version });
  assert.ok(reading !== null);
  return overall(reading);
}

/** Fails where the server does another thing than was said. `pinned`: the edge of these tests is not the one that is meant. */
export function assertTrue({ audited, ways, edge }: Truth, pinned: boolean): void {
  if (audited === 'open') return assert.notEqual(ways.length, 0, 'nobody got in');
  assert.deepEqual(ways, []);
  if (audited === 'locked' && !pinned) assert.ok(edge, 'the edge was refused');
  if (audited === 'broken') assert.ok(!edge, 'the edge was let in');
}
