/** A text with its entity tag. */
export interface Tagged {
  readonly text: string;
  readonly etag: string;
}

/** The description as it is served: for programs, and for people. */
export interface ServedDescription {
  readonly json: Tagged;
  readonly page: Tagged;
}
