/** Where something stands in a configuration: for people, and for edits. `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** As editors and compilers write it. */
export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** Why a configuration was not read to its end: one row each. What stopped us is never edited. */
export const STOPS = {
  unreadable: 'the file cannot be read',
  missing: 'an included file is not there',
  too_large: 'the file is larger than is read',
  too_many: 'there are more files or directives than are read',
  too_deep: 'blocks or includes are nested deeper than is read',
  cycle: 'files include each other in a ring',
  unbalanced: 'a block is not closed, or closed twice',
  unfinished: 'a directive or a quoted text has no end',
  not_text: 'the file holds bytes that no configuration has',
  embedded: 'a program in another language stands in the configuration',
  unknown_section: 'a section that is not known here',
  dynamic: 'what is included depends on a variable',
} as const satisfies Record<string, string>;

/** A place that was not understood. Nothing in that file is edited, and nothing is claimed of what stands after it. */
export interface Stop {
  readonly kind: 'stop';
  readonly code: keyof typeof STOPS;
  readonly place: Place;
  readonly detail: string;
}

/** A stop at a place. `detail` is shown to people; keep it to a few words. */
export function stop(code: keyof typeof STOPS, place: Place, detail = ''): Stop {
  return { kind: 'stop', code, place, detail };
}

/** Why not further; where is said beside it. */
export function stopWhy({ code, detail }: Stop): string {
  return detail === '' ? STOPS[code] : `${STOPS[code]} (${detail})`;
}
