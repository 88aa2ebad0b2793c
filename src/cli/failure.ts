/** Exit codes of every command: good, the thing looked at is not good, wrong use, could not be determined. */
export const EXIT = { good: 0, notGood: 1, wrongUse: 2, undetermined: 3 } as const;

/** A command that cannot go on: one sentence that says what is wrong, one that says what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;
  readonly fix: string;

  constructor(message: string, fix: string, exitCode: number = EXIT.wrongUse) {
    super(message);
    this.fix = fix;
    this.exitCode = exitCode;
  }
}

/** What a person reads of an error, without its stack. */
export function sentences(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (!(error instanceof Error)) return { text: String(error), exitCode: EXIT.undetermined };
  const fix = 'fix' in error && typeof error.fix === 'string' ? `\n  ${error.fix}` : '';
  const exitCode = 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : EXIT.undetermined;
  return { text: `${error.message}${fix}`, exitCode };
}

/** An error as JSON: what is wrong, what to do, and the API's own codes where it refused. */
export function failureView(error: unknown): { readonly error: Readonly<Record<string, unknown>> } {
  if (!(error instanceof Error)) return { error: { message: String(error) } };
  const fix = 'fix' in error && typeof error.fix === 'string' ? { fix: error.fix } : {};
  const errors = 'errors' in error && Array.isArray(error.errors) ? { errors: error.errors as readonly unknown[] } : {};
  return { error: { message: error.message, ...fix, ...errors } };
}
