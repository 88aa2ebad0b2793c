import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { instant } from '../../../src/domain/ids.ts';
import { type Given, type Hand, readGiven } from '../../../src/doctor/credentials.ts';
import type { ConfigurationReading } from '../../../src/doctor/configuration.ts';
import type { Examined } from '../../../src/doctor/diagnosis/diagnose.ts';
import type { Target } from '../../../src/doctor/target.ts';
import { audit } from '../../../src/origin/audit/audit.ts';
import { DISK } from '../../../src/origin/server/config-source.ts';
import { scratchDirectory } from '../../support/scratch.ts';
import {
  type RunningServer,
  type ServerSetup,
  startApache,
  startCaddy,
  startHaproxy,
  startLighttpd,
  startNginx,
  startNode,
  startStunnel,
} from '../../support/server-process.ts';
import type { Applications } from './applications.ts';
import type { AtHand, Case, Server } from './case.ts';
import { FRAMES } from './frames.ts';
import { look } from './look.ts';
import type { People } from './people.ts';

/** The name that should be locked in every case. */
const HOST = 'a.test';

const PORTS = ['TLS', 'HTTP', 'OTHER'] as const;

const START: Readonly<Record<Server, (setup: ServerSetup) => Promise<RunningServer>>> = {
  nginx: startNginx,
  apache: startApache,
  haproxy: startHaproxy,
  caddy: startCaddy,
  lighttpd: startLighttpd,
  stunnel: startStunnel,
  node: startNode,
};

/** Whom cases share: people with certificates, and applications. */
export interface World {
  readonly people: People;
  readonly applications: Applications;
}

/** A case's server, running, with the text that it runs and its placeholders filled in. */
export interface Started extends AsyncDisposable {
  readonly server: RunningServer;
  readonly file: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** Starts the real server. Throws `DidNotStart` where it refuses the configuration. */
export async function startCase(kind: Server, one: Case, { people, applications }: World): Promise<Started> {
  const fixed = {
    APP: await applications.port(one.application ?? 'page'),
    BLOG: await applications.port('blog'),
  };
  const whole = FRAMES[kind](one.running ?? one.text);
  const used = PORTS.map((name) => whole.includes(`@${name}@`));
  let ports: Record<string, number> = {};
  const running = await START[kind]({
    program: one.program,
    ports: PORTS.length,
    quiet: PORTS.flatMap((_name, index) => (used[index] === true ? [] : [index])),
    configuration: ({ ports: given, directory }) => {
      ports = { ...fixed, ...Object.fromEntries(PORTS.map((name, index) => [name, given[index] ?? 0])) };
      const filled = (text: string) => fill(text, { ...people.words, ...ports, DIR: directory });
      settle(directory, one, people, filled);
      return filled(whole);
    },
  });
  const file = join(running.directory, 'server.conf');
  const words = { ...people.words, ...ports, DIR: running.directory };
  if (one.running !== undefined) writeFileSync(file, fill(FRAMES[kind](one.text), words));
  return {
    server: running,
    file,
    ports,
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

/** Reads the same text as the audit does, in a directory of its own: some of these no server starts with. */
export async function auditCase(
  kind: Server,
  one: Case,
  { people, applications }: World,
): Promise<ConfigurationReading | null> {
  using scratch = scratchDirectory();
  const ports = {
    APP: await applications.port(one.application ?? 'page'),
    BLOG: await applications.port('blog'),
    ...Object.fromEntries(PORTS.map((name, index) => [name, 40_001 + index])),
  };
  const filled = (text: string) => fill(text, { ...people.words, ...ports, DIR: scratch.path });
  const main = join(scratch.path, 'server.conf');
  settle(scratch.path, one, people, filled);
  writeFileSync(main, filled(FRAMES[kind](one.text)));
  return readingOf(kind, main);
}

/** What the audit makes of a running server's file. */
export function readingOf(kind: Server, main: string): ConfigurationReading | null {
  return audit(kind, { main, source: DISK, now: Date.now(), hosts: [HOST], version: null });
}

function settle(directory: string, { files = {} }: Case, people: People, filled: (text: string) => string): void {
  people.settle(directory);
  for (const [name, text] of Object.entries(files)) place(join(directory, name), filled(text));
}

function place(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function fill(text: string, words: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/@([A-Z][A-Z0-9_]*)@/g, (whole, name: string) => {
    const word = words[name];
    if (word === undefined) throw new Error(`no such placeholder: ${whole}`);
    return String(word);
  });
}

/** Looks at it with what the case has at hand. */
export function lookAt({ ports }: Pick<Started, 'ports'>, { hand = {} }: Case, { people }: World): Promise<Examined> {
  const { otherNames = [], header, path = '/' } = hand;
  return look({ targets: targetsOf(hand, ports), hand: handOf(hand, people), otherNames, header, path });
}

function targetsOf({ also = [] }: AtHand, ports: Readonly<Record<string, number>>): readonly Target[] {
  const front: Target = { host: HOST, address: '127.0.0.1', port: ports['TLS'] ?? 0, door: 'https' };
  return [
    front,
    ...also.map(
      ([name, address = '127.0.0.1']): Target => ({
        host: HOST,
        address,
        port: ports[name] ?? 0,
        // The same port over another family is the same kind of door.
        door: name === 'TLS' ? 'https' : 'other',
      }),
    ),
  ];
}

function handOf({ identity, keyless, authority, foreign = [], revoked }: AtHand, people: People): Hand {
  const { callers, authorities } = people;
  const right = identity === undefined ? null : callers[identity];
  const above = authority === undefined ? null : authorities[authority];
  const given: Given = {
    identity: right === null ? null : { cert: right.cert, key: keyless === true ? null : right.key },
    unwanted: foreign.map((name) => callers[name]),
    authority: above === null ? null : { cert: above.certificate.pem, key: above.key.reveal() },
    lists: revoked === true ? [people.list] : [],
    made: {},
  };
  const hand = readGiven(given, instant(Date.now()));
  if (hand.kind === 'problem') throw new Error(`${hand.code} ${hand.detail}`);
  return hand;
}
