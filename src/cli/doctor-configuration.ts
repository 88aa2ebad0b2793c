import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigurationReading } from '../doctor/configuration.ts';
import type { ServerKind } from '../doctor/diagnosis/fixes.ts';
import { AUDITED, audit } from '../origin/audit/audit.ts';
import { guessServer, mainFile } from '../origin/audit/guess-server.ts';
import { type ConfigSource, DISK } from '../origin/server/config-source.ts';
import type { ServerVersion } from '../origin/server-version.ts';
import { Failure } from './failure.ts';
import { note } from './print.ts';

/** A configuration that is to be read. */
export interface ConfigurationRequest {
  /** A main file, a directory with one, or `-` for what `nginx -T` prints. */
  readonly file: string;
  /** null where that is to be seen from it. */
  readonly server: ServerKind | null;
  /** Names that should be locked; none for those that it means to lock. */
  readonly hosts: readonly string[];
  readonly version: ServerVersion | null;
}

const STDIN = '-';

/** A configuration as it was understood, and the revocation lists that it names, in PEM. */
export interface ReadConfiguration {
  readonly reading: ConfigurationReading;
  readonly lists: readonly string[];
}

/** Reads a server's configuration, without asking the server or connecting to anything. */
export function readConfiguration({ file, server, hosts, version }: ConfigurationRequest): ReadConfiguration {
  const lists = new Map<string, string>();
  const source = keepingLists(file === STDIN ? withStdin() : DISK, lists);
  const main = file === STDIN ? STDIN : mainOf(file);
  const read = source.read(main);
  if ('code' in read) throw new Failure(`${file} cannot be read (${read.code}).`, 'Name the main file of the server.');
  const kind = server ?? guessed(file, main, read.text);
  const reading = audit(kind, { main, source, now: Date.now(), hosts, version });
  if (reading !== null) return { reading, lists: [...lists.values()] };
  throw new Failure(`Configurations of ${kind} are not read here.`, `Those of ${AUDITED.join(', ')} are.`);
}

// What the audit reads to judge is what the server reads: nobody looks for lists in other places.
function keepingLists(source: ConfigSource, lists: Map<string, string>): ConfigSource {
  return {
    ...source,
    read: (path) => {
      const read = source.read(path);
      const found = 'text' in read ? (read.text.match(LIST) ?? []) : [];
      if (found.length > 0 && lists.size < MOST_LISTS) lists.set(path, found.join('\n'));
      return read;
    },
  };
}

const LIST = /-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g;
const MOST_LISTS = 100;

function withStdin(): ConfigSource {
  const text = readFileSync(0, 'latin1');
  return { ...DISK, read: (path) => (path === STDIN ? { text } : DISK.read(path)) };
}

function mainOf(path: string): string {
  const main = mainFile(resolve(path), DISK);
  if (main !== null) return main;
  throw new Failure(`There is no main file of a web server that is known here in ${path}.`, 'Name the file itself.');
}

function guessed(path: string, main: string, text: string): ServerKind {
  const server = guessServer(main, text);
  if (server === null) throw new Failure(`${path} does not show of which server it is.`, 'Say it with --server NAME.');
  note(`Read as a configuration of ${server}; --server NAME says otherwise.`);
  return server;
}
