/** What a kind of finding is about, for people who want more than its title. */
export interface Meaning {
  /** Why it matters. */
  readonly means: string;
  /** How it comes to light, and from where it cannot be seen. */
  readonly seen: string;
}
