// A part of a one-line subject: a comma inside a value is escaped (RFC 4514 §2.4), and so is the backslash.
const PART = /(?:[^\\,]|\\.)+/gs;
const ESCAPED = /\\([0-9A-Fa-f]{2}|.)/gs;

/** The first common name of a subject as certificates are shown here, `O=Example, CN=pull`; `null` for none. */
export function commonNameOf(subject: string): string | null {
  const parts = (subject.match(PART) ?? []).map((part) => part.trimStart());
  const named = parts.find((part) => part.startsWith('CN='));
  return named === undefined
    ? null
    : named.slice('CN='.length).replace(ESCAPED, (_all, mark: string) => unescaped(mark));
}

function unescaped(mark: string): string {
  return mark.length === 2 ? String.fromCharCode(Number.parseInt(mark, 16)) : mark;
}
