import { VERSION } from '../../src/cli/version.ts';
import { openApi } from '../../src/control/api/openapi/openapi.ts';
import { ROUTES } from '../../src/control/api/table.ts';
import { apiPage } from './api-page.ts';
import { edgeErrorsPage } from './edge-errors-page.ts';
import { findingsPage } from './findings-page.ts';
import { impactPage } from './impact-page.ts';
import { metricsPage } from './metrics-page.ts';

/** Files that are written from tables in the source, by their path in the repository. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/api.md': apiPage,
  'docs/errors-at-the-edge.md': edgeErrorsPage,
  'docs/findings.md': findingsPage,
  'docs/impact.md': impactPage,
  'docs/metrics.md': metricsPage,
  'docs/openapi.json': () => `${JSON.stringify(openApi(ROUTES, VERSION), null, 2)}\n`,
};
