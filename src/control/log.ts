export type { Log } from '../wire/log.ts';

/** The message and code of whatever was thrown, as fields of an event. */
export function errorFields(error: unknown): { readonly error: string; readonly code: string | null } {
  if (!(error instanceof Error)) return { error: String(error), code: null };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { error: error.message, code };
}
