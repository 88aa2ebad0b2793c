interface MetricBase {
  /** What it counts or shows, in one sentence. */
  readonly help: string;
  /** Each label and the values that it may have, in words. */
  readonly labels: Readonly<Record<string, string>>;
  /** What one would be woken for, in PromQL; `null` where it explains rather than alarms. */
  readonly alert: string | null;
}

/** One metric. `scale` is what a stored whole number is multiplied by to give the unit in the name. */
export interface Metric extends MetricBase {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly scale?: number;
}
