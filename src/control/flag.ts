/** A yes or no in the store: not every SQL database has booleans. */
export type Flag = 0 | 1;

/** As the store keeps it. */
export function flag(value: boolean): Flag {
  return value ? 1 : 0;
}

/** Whether it was a yes. */
export function isOn(value: Flag): boolean {
  return value === 1;
}
