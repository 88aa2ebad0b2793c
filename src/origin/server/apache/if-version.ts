import { isAtLeast, type ServerVersion, serverVersion } from '../../server-version.ts';

/** Whether an `<IfVersion>` (mod_version) holds; `null` where it compares in a way that is not known here. Pure. */
export function versionHolds(args: readonly string[], version: ServerVersion): boolean | null {
  const [first = '', second] = args;
  const [operator, text] = second === undefined ? ['=', first] : [first, second];
  const no = operator.startsWith('!');
  // One that names fewer numbers means those numbers only.
  if (!/^\d+(?:\.\d+){0,2}$/.test(text)) return null;
  const wanted = serverVersion(text.includes('.') ? text : `${text}.0`);
  if (wanted === null) return null;
  const held = compared(no ? operator.slice(1) : operator, version, wanted);
  return held === null ? null : held !== no;
}

function compared(operator: string, version: ServerVersion, wanted: ServerVersion): boolean | null {
  const notBelow = isAtLeast(version, wanted);
  const notAbove = isAtLeast(wanted, version);
  switch (operator) {
    case '':
    case '=':
    case '==':
      return notBelow && notAbove;
    case '>':
      return !notAbove;
    case '>=':
      return notBelow;
    case '<':
      return !notBelow;
    case '<=':
      return notAbove;
    default:
      return null;
  }
}
