import { bundleSha256 } from '../../pki/bundle.ts';
import { isProblem } from '../../wire/commands.ts';
import { originReportsPath } from '../../wire/origin-report.ts';
import { ORIGIN_REPORT, ORIGIN_REPORT_BODY, originReportView } from '../../wire/origin-report-schema.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { allOf, one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';

const PATH = originReportsPath(':zone');

export const ORIGIN_REPORT_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers:
      'What the origins of a zone that follow Postern (postern origin sync) said last: which bundle is in force there, which locks are open. Who was silent for 30 days is not in it.',
    returns: allOf(ORIGIN_REPORT),
    handle: async (_, call) => {
      const reports = await call.plane.originReports(call.zone.id);
      return { kind: 'answer', result: reports.map((report) => originReportView(report, presentBundle(call))) };
    },
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'origin:report',
    takes: { params: ZONE_PARAMS, body: ORIGIN_REPORT_BODY },
    answers:
      'Tells what is in force at an origin, in place of what the same host said of the same lock before. Nothing is decided by it.',
    returns: one(ORIGIN_REPORT),
    handle: async ({ body }, call) => {
      const stored = await call.plane.reportOrigin(call.zone.id, body);
      if (isProblem(stored)) return stored;
      return { kind: 'answer', result: originReportView(stored, presentBundle(call)) };
    },
  }),
];

function presentBundle({ plane, zone }: ZoneCall): string {
  return bundleSha256(plane.bundle(zone));
}
