import { type ApiAccess, callApi } from '../api.ts';
import { note, onStdout, show } from '../print.ts';
import { facts, fittedTable } from '../table.ts';
import { allZones, type ZoneFacts, zoneNamed, zoneOf } from '../zone-lookup.ts';
import {
  type AssociationFacts,
  allAssociations,
  allPlans,
  type EffectivePlan,
  effectivePlan,
  type ListedPlan,
} from './effective-plan.ts';
import { subjects } from './visitors.ts';

interface What {
  readonly zone?: string;
  readonly hostname?: string;
  /** Every hostname of every zone. */
  readonly all?: boolean;
  readonly level?: string;
  readonly kind?: string;
}

/** Prints what the edge presents: of one hostname in full, of a zone name by name, or of all zones in short. */
export async function originPullsStatus(access: ApiAccess, what: What, json: boolean): Promise<void> {
  const { zone, hostname } = what;
  if (hostname !== undefined) {
    const { id } = await zoneOf(access, zone, hostname);
    const plan = await effectivePlan(access, id, hostname);
    show(json, plan, () => planInFull(plan));
    note(...plan.notices.map(({ message }) => message));
    return;
  }
  if (zone !== undefined) {
    const status = await zoneStatus(access, await zoneNamed(access, zone), what);
    show(json, status, () => zoneInFull(status));
    note(...status.notices);
    return;
  }
  const zones = await allZones(access);
  if (what.all === true) {
    const plans: ListedPlan[] = [];
    for (const { id } of zones) plans.push(...(await allPlans(access, id, filterOf(what))));
    show(json, plans, () => (plans.length === 0 ? NO_HOSTNAMES : planTable(plans)));
    return;
  }
  const states: ZoneLevels[] = [];
  for (const one of zones) states.push(await levels(access, one));
  show(json, states, () => (states.length === 0 ? NO_ZONES : levelTable(states)));
}

const NO_HOSTNAMES = 'No hostname fits.';
const NO_ZONES = 'There is no zone yet. Create one: postern zones create example.test';

/** The levels of a zone, and what the API says about them. */
interface ZoneLevels {
  readonly zone: { readonly id: string; readonly name: string };
  readonly zone_level: boolean;
  readonly global_level: boolean;
  readonly associations: readonly AssociationFacts[];
  readonly notices: readonly string[];
}

interface ZoneStatus extends ZoneLevels {
  readonly hostnames: readonly ListedPlan[];
}

function filterOf({ level, kind }: What): Readonly<Record<string, string>> {
  return { ...(level === undefined ? {} : { level }), ...(kind === undefined ? {} : { kind }) };
}

async function levels(access: ApiAccess, { id, name }: ZoneFacts): Promise<ZoneLevels> {
  const base = `/client/v4/zones/${id}`;
  const [zoneLevel, globalLevel, associations] = await Promise.all([
    callApi<{ readonly enabled: boolean }>(access, 'GET', `${base}/origin_tls_client_auth/settings`),
    callApi<{ readonly value: string }>(access, 'GET', `${base}/settings/tls_client_auth`),
    allAssociations(access, id),
  ]);
  return {
    zone: { id, name },
    zone_level: zoneLevel.result.enabled,
    global_level: globalLevel.result.value === 'on',
    associations,
    notices: [...new Set([...zoneLevel.messages, ...globalLevel.messages])],
  };
}

async function zoneStatus(access: ApiAccess, zone: ZoneFacts, what: What): Promise<ZoneStatus> {
  const [state, plans] = await Promise.all([levels(access, zone), allPlans(access, zone.id, filterOf(what))]);
  // What no visitor comes through the edge for has no pulls to speak of, unless it was asked for.
  const hostnames = what.kind === undefined ? plans.filter(({ https }) => https.because !== 'dns_only') : plans;
  return { ...state, hostnames };
}

function levelTable(states: readonly ZoneLevels[]): string {
  return fittedTable(
    ['ZONE', 'ZONE LEVEL', 'GLOBAL LEVEL', 'HOSTNAMES', 'NOTICES'],
    states.map((state) => [
      state.zone.name,
      onOff(state.zone_level),
      onOff(state.global_level),
      String(state.associations.length),
      String(state.notices.length),
    ]),
  );
}

function zoneInFull({ zone, zone_level, global_level, hostnames }: ZoneStatus): string {
  const head = facts([
    ['zone', zone.name],
    ['zone level', onOff(zone_level)],
    ['global level', onOff(global_level)],
  ]);
  if (hostnames.length === 0) return `${head}\n\nNo name of this zone is proxied yet.`;
  return `${head}\n\n${planTable(hostnames)}`;
}

function planTable(plans: readonly ListedPlan[]): string {
  const rows = plans.map((plan) => [
    plan.hostname,
    does(plan),
    plan.level ?? 'none',
    plan.identity ?? '-',
    plan.certificate?.expires_on.slice(0, 10) ?? '-',
  ]);
  return fittedTable(['HOSTNAME', 'PULLS', 'LEVEL', 'IDENTITY', 'EXPIRES'], rows);
}

function planInFull(plan: EffectivePlan): string {
  const { certificate, bundle, visitors } = plan;
  const trust =
    bundle === null
      ? [['origin must trust', 'nobody: no certificate is shown'] as const]
      : [['origin must trust', bundle.path] as const, ['its sha256', bundle.sha256] as const];
  return facts([
    ['hostname', plan.hostname],
    ['level', `${plan.level ?? 'none'}${plan.accept_shared ? ' (an identity that all zones share)' : ''}`],
    ['why', plan.why],
    ['https', plan.https.sentence],
    ['http', plan.http.sentence],
    ['in force', plan.in_force ? 'on every edge' : onStdout('yellow', 'not on every edge yet')],
    ['identity', plan.identity ?? 'none'],
    ...(certificate === null
      ? []
      : [
          [
            'certificate',
            `${certificate.id} (${certificate.status}, until ${certificate.expires_on.slice(0, 10)})`,
          ] as const,
          ['fingerprint', certificate.fingerprint] as const,
        ]),
    ['server names', plan.server_names.join(', ')],
    ...trust,
    ...(visitors === null ? [] : [['visitors must show', `a certificate of ${subjects(visitors)}`] as const]),
  ]);
}

function does({ https }: ListedPlan): string {
  if (https.kind === 'present') return onStdout('green', 'with certificate');
  if (https.kind === 'refuse' || https.kind === 'plaintext') return onStdout('red', WORDS[https.kind]);
  return onStdout('yellow', WORDS[https.kind] ?? https.kind);
}

const WORDS: Readonly<Record<'refuse' | 'plaintext', string> & Record<string, string>> = {
  refuse: 'refused',
  plaintext: 'plain HTTP',
  without: 'without certificate',
  not_served: 'not served',
  redirect: 'redirected',
};

function onOff(on: boolean): string {
  return on ? onStdout('green', 'on') : onStdout('dim', 'off');
}
