/** A part of a list. */
export interface Stretch {
  readonly skip: number;
  readonly most: number;
}
