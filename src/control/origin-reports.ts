import { sql } from 'kysely';
import { type Instant, instant, type ZoneId } from '../domain/ids.ts';
import { tooMany } from '../domain/limits.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { OriginReport } from '../wire/origin-report.ts';
import { ORIGIN_REPORT_BODY } from '../wire/origin-report-schema.ts';
import type { ControlState } from './control-state.ts';
import { damaged } from './stored.ts';
import type { InTurn } from './turns.ts';

/** A report with when it came. */
interface StoredReport {
  readonly kind: 'stored';
  readonly report: OriginReport;
  readonly at: Instant;
}

/** What origins say of themselves: it changes nothing at the edge, and is believed by nobody but people. */
export interface OriginReportKeeping {
  /** Keeps a report in place of the last of the same host and lock. */
  readonly reportOrigin: (zone: ZoneId, report: OriginReport) => Promise<StoredReport | Problem>;
  /** Those of a zone, by host and lock. */
  readonly originReports: (zone: ZoneId) => Promise<readonly StoredReport[]>;
}

/**
 * What all reports of a zone may take, in characters: tens of thousands of names. They are read together, also where all
 * set-ups are listed, and a machine that was taken over writes as many as it likes.
 */
const MOST_TEXT = 2_000_000;

/** Who was not heard of for so long is gone. */
const FORGOTTEN_AFTER = 30 * 86_400_000;

export function originReportKeeping(state: ControlState, inTurn: InTurn): OriginReportKeeping {
  return {
    reportOrigin: (zone, report) => inTurn(() => keep(state, zone, report)),
    originReports: (zone) => inTurn(async () => (state.closed ? [] : read(state, zone))),
  };
}

async function keep(state: ControlState, zone: ZoneId, report: OriginReport): Promise<StoredReport | Problem> {
  const { store, clock, limits, zones } = state;
  if (state.closed || zones.index.get(zone) === undefined) return problem('zone_not_found');
  const at = clock();
  const { host, lock } = report;
  const ofZone = store.selectFrom('origin_reports').where('zone', '=', zone);
  await store
    .deleteFrom('origin_reports')
    .where('zone', '=', zone)
    .where('reported_at', '<', at - FORGOTTEN_AFTER)
    .execute();
  const others = await ofZone
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .select(sql<number | null>`sum(length(report))`.as('text'))
    .where((row) => row.not(row.and([row('host', '=', host), row('lock_name', '=', lock)])))
    .executeTakeFirstOrThrow();
  if (Number(others.count) >= limits.originReportsPerZone) return tooMany('reports', 'originReportsPerZone', limits);
  const row = { reported_at: at, report: JSON.stringify(report) };
  if (Number(others.text) + row.report.length > MOST_TEXT)
    return problem('too_many_certificates', `${MOST_TEXT} characters of reports`);
  await store
    .insertInto('origin_reports')
    .values({ zone, host, lock_name: lock, ...row })
    .onConflict((conflict) => conflict.columns(['zone', 'host', 'lock_name']).doUpdateSet(row))
    .execute();
  return { kind: 'stored', report, at };
}

async function read({ store }: ControlState, zone: ZoneId): Promise<readonly StoredReport[]> {
  const rows = await store
    .selectFrom('origin_reports')
    .selectAll()
    .where('zone', '=', zone)
    .orderBy('host')
    .orderBy('lock_name')
    .execute();
  return rows.map((row) => {
    const report = ORIGIN_REPORT_BODY.safeParse(JSON.parse(row.report));
    return {
      kind: 'stored',
      report: report.success ? report.data : damaged('the report of an origin', row.host),
      at: instant(row.reported_at),
    };
  });
}
