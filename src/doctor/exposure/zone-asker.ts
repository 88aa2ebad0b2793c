import type { RecordType } from './name-server.ts';

/** Asks, and keeps what was asked. */
export interface ZoneAsker {
  readonly records: (name: string, type: RecordType) => Promise<readonly string[]>;
  readonly addresses: (name: string) => Promise<readonly string[]>;
  readonly skip: (what: string, why: string) => void;
}
