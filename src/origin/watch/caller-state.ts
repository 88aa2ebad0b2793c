import { CALLER_KINDS } from '../../domain/callers.ts';
import type { CallerReport } from '../../wire/callers.ts';
import { isJsonObject, jsonObject } from '../../wire/json-object.ts';
import type { LogPosition } from './log-position.ts';

/** What one run leaves for the next: how far each log was read, and the report that has not arrived yet. */
export interface CallerState {
  readonly format: 'postern-callers';
  /** By the path of the log. */
  readonly logs: Readonly<Record<string, LogPosition>>;
  /** It is sent again as it is, so that it counts once. */
  readonly pending: CallerReport | null;
}

export const NO_CALLER_STATE: CallerState = { format: 'postern-callers', logs: {}, pending: null };

/** Longer ones are nobody's. */
export const MOST_STATE_BYTES = 1_048_576;

const MOST_LOGS = 100;

/** The text of a state. */
export function callerStateText(state: CallerState): string {
  return `${JSON.stringify(state)}\n`;
}

/** A state as it was written; `null` for anything else. */
export function readCallerState(text: string): CallerState | null {
  const value = jsonObject(text);
  if (value === null || value['format'] !== 'postern-callers') return null;
  const { logs, pending } = value;
  if (!isJsonObject(logs) || Object.keys(logs).length > MOST_LOGS) return null;
  const positions = Object.entries(logs).flatMap(([path, position]) =>
    isPosition(position) ? [[path, position]] : [],
  );
  if (positions.length !== Object.keys(logs).length) return null;
  if (pending !== null && !isReport(pending)) return null;
  return { format: 'postern-callers', logs: Object.fromEntries(positions), pending };
}

function isPosition(value: unknown): value is LogPosition {
  if (!isJsonObject(value)) return false;
  const { device, inode, offset, head } = value;
  return [device, inode, offset].every(isWhole) && typeof head === 'string';
}

function isReport(value: unknown): value is CallerReport {
  if (!isJsonObject(value)) return false;
  const { host, lock, batch, hostnames, counts, by_other_names: others = [] } = value;
  if (![host, lock, batch].every(isText) || !isListOf(hostnames, isText)) return false;
  return isListOf(counts, isCount) && isListOf(others, isSlot);
}

function isCount(value: unknown): boolean {
  return isSlot(value) && isText(value['hostname']);
}

function isSlot(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isJsonObject(value)) return false;
  return (
    isText(value['at']) && CALLER_KINDS.every((kind) => isWhole(value[kind])) && isListOf(value['examples'], isExample)
  );
}

function isExample(value: unknown): boolean {
  return isJsonObject(value) && isText(value['address']) && isWhole(value['count']);
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
