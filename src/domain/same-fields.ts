/** Whether two flat records have the same values under the keys of the second. */
export function sameFields<T extends object>(a: T, b: T): boolean {
  for (const key in b) if (a[key] !== b[key]) return false;
  return true;
}
