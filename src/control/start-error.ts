/** Why the control plane does not start, in one sentence, and what to do about it. Ends in exit code 3. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode = 3;
  readonly fix: string;

  constructor(message: string, fix: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fix = fix;
  }
}
