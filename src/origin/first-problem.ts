/**
 * How the parsers of a request end at the first field that is to blame. Handing a problem up through each of them would hide
 * what they parse.
 */
export interface FirstProblem<P> {
  /** Ends the parsing. Only inside `orProblem`. */
  readonly refuse: (problem: P) => never;
  /** What the work gives, or the problem that ended it. */
  readonly orProblem: <T>(work: () => T) => T | P;
}

/** For problems of one kind. */
export function firstProblem<P>(): FirstProblem<P> {
  class Refusal extends Error {
    readonly problem: P;
    constructor(problem: P) {
      super('a problem that nobody caught');
      this.problem = problem;
    }
  }
  return {
    refuse: (problem) => {
      throw new Refusal(problem);
    },
    orProblem: (work) => {
      try {
        return work();
      } catch (error) {
        if (error instanceof Refusal) return error.problem;
        throw error;
      }
    },
  };
}
