const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

// XML 1.0 §2.2: what is no Char cannot stand in a document at all, not even as a reference.
const NO_CHAR = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** A text as it stands in XML, in an element or in an attribute. */
export function xml(text: string): string {
  return text.replace(NO_CHAR, '\ufffd').replace(/[&<>"']/g, (one) => ENTITIES[one] ?? '');
}
