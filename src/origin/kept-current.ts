import { statSync } from 'node:fs';
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
  readonly #paths: readonly string[];
  readonly #watching: Watching;
  readonly #timer: NodeJS.Timeout | null;
  #value: T;
  #seen: string;

  constructor(load: () => T | PolicyProblem, paths: readonly string[], watching: Watching) {
    this.#load = load;
    this.#paths = paths;
    this.#watching = watching;
    this.#seen = this.#look();
    const value = load();
    if (isProblem(value)) throw new PolicyError(value);
    this.#value = value;
    const isIdle = paths.length === 0 || watching.every === 0;
    this.#timer = isIdle ? null : setInterval(() => this.#check(), watching.every).unref();
  }

  get value(): T {
    return this.#value;
  }

  /** Reads the files now. Answers what is wrong with them, or `null` where they are in force. */
  reload(): string | null {
    this.#seen = this.#look();
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
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #check(): void {
    // Looked at by state, not by event: a file that is replaced has no watcher any more.
    if (this.#look() !== this.#seen) this.reload();
  }

  #look(): string {
    return this.#paths.map(stateOf).join('\n');
  }
}

function stateOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'none' : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

function isProblem(value: { readonly kind: string }): value is PolicyProblem {
  return value.kind === 'problem';
}
