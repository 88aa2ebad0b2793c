import { METRICS } from '../../src/wire/metric-table.ts';
import type { Metric } from '../../src/wire/metric.ts';
import { BUCKETS } from '../../src/wire/metrics.ts';

/** docs/metrics.md. */
export function metricsPage(): string {
  return `${[INTRODUCTION, ...Object.entries(METRICS).map(([name, metric]) => section(name, metric))].join('\n\n')}\n`;
}

function section(name: string, { type, help, labels, alert }: Metric): string {
  const values = Object.entries(labels).map(([label, words]) => `- \`${label}\`: ${words}`);
  return [
    `## postern_${name}`,
    `${type[0]?.toUpperCase()}${type.slice(1)}. ${help}`,
    ...(values.length === 0 ? [] : [values.join('\n')]),
    ...(alert === null ? [] : [`Wake somebody when:\n\n\`\`\`text\n${alert}\n\`\`\``]),
  ].join('\n\n');
}

const INTRODUCTION = `<!-- Written by tools/generate-docs.ts from METRICS in src/wire/metric-table.ts. Do not edit by hand. -->

# Metrics

\`GET /metrics\` on the listener of the API answers in the text format of Prometheus. On this machine no token is needed;
what comes from elsewhere, or through a proxy, needs one with \`metrics:read\` that is not restricted to zones. Those that
begin with \`postern_guard_\` are told by a [guard](guides/guard.md), at its own \`/metrics\`.

All workers are counted together, each as it told within the last second. What a worker has counted stays when it is
replaced (one that is killed takes what it had not told yet with it), so counters fall only when Postern itself starts
anew. No label holds a hostname or anything else that a visitor chose; series that have not
occurred are not shown. Histograms have the bounds ${BUCKETS.map(String).join(', ')} seconds.`;
