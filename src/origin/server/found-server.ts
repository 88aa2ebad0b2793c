import type { ServerName } from '../generate/server-facts.ts';
import type { ServerVersion } from '../server-version.ts';

/** A web server on this host, and how it is tested and made to read its configuration again. */
export interface FoundServer {
  readonly kind: 'found';
  readonly server: ServerName;
  readonly program: string;
  /** As the program says it. */
  readonly versionText: string;
  readonly version: ServerVersion;
  /** The main configuration file. */
  readonly main: string;
  /** The process that reloads; `null` where none runs. */
  readonly pid: number | null;
  readonly test: readonly string[];
  readonly reload: readonly string[];
}

/** Why no server was found, in one sentence, and what to do. */
export interface NoServer {
  readonly kind: 'none';
  /** Several run, and nobody said which is meant. */
  readonly several?: boolean;
  readonly text: string;
  readonly fix: string;
}

/** What a person may say where the host has several, or none in the usual places. */
export interface ServerHints {
  readonly program?: string | undefined;
  /** The main configuration file. */
  readonly config?: string | undefined;
  /** Replaces the command that reloads. */
  readonly reload?: readonly string[] | undefined;
}
