import { apiPage } from './api-page.ts';
import { edgeErrorsPage } from './edge-errors-page.ts';
import { metricsPage } from './metrics-page.ts';

/** Pages that are written from tables in the source, by their path in the repository. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/api.md': apiPage,
  'docs/errors-at-the-edge.md': edgeErrorsPage,
  'docs/metrics.md': metricsPage,
};
