const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long something holds by now: "12 days", "3 hours", "less than a minute". */
export function held(time: number): string {
  for (const [unit, size] of STEPS) {
    const count = Math.floor(time / size);
    if (count >= 1) return `${count.toLocaleString()} ${count === 1 ? unit : `${unit}s`}`;
  }
  return 'less than a minute';
}
