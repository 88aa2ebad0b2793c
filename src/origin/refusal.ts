import { type OriginProblem, type OriginProblemCode, originProblem } from './problems.ts';

/** Carries a refusal out of the field parsers. It never leaves `originRequirement`, which hands on the problem. */
export class Refusal extends Error {
  readonly problem: OriginProblem;
  constructor(problem: OriginProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** Ends the parsing of a request at a field. */
export function refuse(code: OriginProblemCode, field: string, found: string): never {
  throw new Refusal(originProblem(code, field, found));
}
