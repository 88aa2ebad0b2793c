type Compare<Item> = (a: Item, b: Item) => number;

const MANY = 200;

/** What leaves a list, and what comes into it. */
export interface Exchange<Item> {
  readonly gone: readonly Item[];
  readonly come: readonly Item[];
}

/**
 * A sorted list without some of its items and with others in their places. Places are found by halving, so that of a list
 * of ten thousand little is compared; the list itself stays as it was.
 */
export function exchanged<Item>(
  list: readonly Item[],
  { gone, come }: Exchange<Item>,
  compare: Compare<Item>,
): readonly Item[] {
  // So many are sorted faster than put in their places one after the other.
  if (come.length > MANY) {
    const leaving = new Set(gone);
    return [...list.filter((item) => !leaving.has(item)), ...come].toSorted(compare);
  }
  const next = [...list];
  for (const item of gone) {
    const at = placeOf(next, item, compare);
    if (at !== -1) next.splice(at, 1);
  }
  for (const item of come) next.splice(firstBehind(next, item, compare), 0, item);
  return next;
}

/** Where an item stands: among those that compare as equal to it. */
function placeOf<Item>(list: readonly Item[], item: Item, compare: Compare<Item>): number {
  for (let at = firstFrom(list, item, compare); at < list.length; at += 1) {
    const other = list[at];
    if (other === item) return at;
    if (other === undefined || compare(other, item) > 0) return -1;
  }
  return -1;
}

/** The first place whose item is not before this one. */
function firstFrom<Item>(list: readonly Item[], item: Item, compare: Compare<Item>): number {
  return halved(list, (other) => compare(other, item) >= 0);
}

/** The first place whose item is behind this one. */
function firstBehind<Item>(list: readonly Item[], item: Item, compare: Compare<Item>): number {
  return halved(list, (other) => compare(other, item) > 0);
}

function halved<Item>(list: readonly Item[], isPast: (item: Item) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && isPast(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
