/**
 * One event with its fields. Callers pass names, ids and counts: never a key, a token or a body. The events and their
 * levels stand in `EVENTS`.
 */
export type Log = (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
