import { type FollowedFiles, followFiles } from '../files/followed-files.ts';
import { type PolicyProblem, policyProblemText } from './policy-problems.ts';

/** A policy was not what it must be. The message says which field, what was wrong with it and what to do. */
export class PolicyError extends Error {
  readonly problem: PolicyProblem;

  constructor(problem: PolicyProblem) {
    super(policyProblemText(problem));
    this.name = 'PolicyError';
    this.problem = problem;
  }
}

interface Watching {
  readonly every: number;
  readonly onProblem: (text: string) => void;
  readonly onReload: () => void;
}

/**
 * What was read from files, and is read again when they change. Files that cannot be used leave in force what was there:
 * it ends by itself, with its certificates. Throws `PolicyError` where there is nothing to begin with.
 */
export class KeptCurrent<T extends { readonly kind: string }> {
  readonly #load: () => T | PolicyProblem;
  readonly #watching: Watching;
  readonly #followed: FollowedFiles | null;
  #value: T;

  constructor(load: () => T | PolicyProblem, paths: readonly string[], watching: Watching) {
    this.#load = load;
    this.#watching = watching;
    const { every } = watching;
    const changed = () => void this.reload();
    // Followed before they are read: what changes in between is then seen as a change.
    this.#followed = paths.length === 0 || every === 0 ? null : followFiles(paths, { changed, every });
    const value = load();
    if (isProblem(value)) {
      this.close();
      throw new PolicyError(value);
    }
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  /** Reads the files now. Answers what is wrong with them, or `null` where they are in force. */
  reload(): string | null {
    this.#followed?.settle();
    const value = this.#load();
    if (isProblem(value)) {
      const text = policyProblemText(value);
      this.#watching.onProblem(text);
      return text;
    }
    this.#value = value;
    this.#watching.onReload();
    return null;
  }

  close(): void {
    this.#followed?.close();
  }
}

function isProblem(value: { readonly kind: string }): value is PolicyProblem {
  return value.kind === 'problem';
}
