import { recordsFor } from '../../domain/compile-hosts.ts';
import { hostnamePattern, type Hostname, isWithin } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { type HostnameTrust, hostnameTrust, VETOED } from '../../wire/hostname-trust.ts';
import { typedHostname } from '../../wire/names.ts';
import { ORIGIN_CONFIG, ORIGIN_CONFIG_BODY, type OriginConfigRefusal } from '../../wire/origin-config.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { effectivePlan } from './effective-plan.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';

export const ORIGIN_CONFIG_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'POST',
    path: '/postern/v1/zones/:zone/origin_config',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, body: ORIGIN_CONFIG_BODY },
    answers:
      'Makes the configuration that locks a server for hostnames of the zone, as postern origin config does: with the files around it, what to know, and the commands to run on the origin. Nothing is stored, and no private key is made.',
    returns: one(ORIGIN_CONFIG),
    handle: ({ body }, call) => {
      const { configureOrigin } = call.settings;
      if (configureOrigin === null) return problem('origin_config_off');
      const names = hostnamesOf(body.hostnames, call);
      if (isProblem(names)) return names;
      const trusts: HostnameTrust[] = [];
      for (const [index, name] of names.entries()) {
        const trust = trustOf(name, index, call);
        if (isProblem(trust)) return trust;
        trusts.push(trust);
      }
      const open = body.open_names?.findIndex(({ hostname }) => hostnamePattern(hostname) === null) ?? -1;
      if (open !== -1) return notAName(body.open_names?.[open]?.hostname ?? '', `/open_names/${open}/hostname`);
      const { id, name: zone } = call.zone;
      const listen = body.listen ?? recordedListen(names, call);
      const wish = { ...body, hostnames: names, ...(listen === null ? {} : { listen }) };
      const made = configureOrigin({ wish, zone: { id, name: zone }, trusts, api: call.base });
      return made.kind === 'refused' ? refusal(made) : { kind: 'answer', result: made.config };
    },
  }),
];

/** Where the edge pulls from, as far as the records agree on it; `null` where that is the usual port, or not known. */
function recordedListen(names: readonly Hostname[], { zone }: ZoneCall): readonly string[] | null {
  const ports = new Set(
    names
      .flatMap((name) => recordsFor(zone, name))
      .flatMap(({ proxied, origin }) => (proxied ? [origin.httpsPort] : [])),
  );
  const [port, other] = ports;
  return port === undefined || other !== undefined || port === USUAL_PORT ? null : [`:${port}`];
}

const USUAL_PORT = 443;

function hostnamesOf(texts: readonly string[], { zone }: ZoneCall): readonly Hostname[] | Problem {
  const names: Hostname[] = [];
  for (const [index, text] of texts.entries()) {
    const name = typedHostname(text);
    if (name === null) return notAName(text, `/hostnames/${index}`);
    if (!isWithin(name, zone.name))
      return problem('hostname_outside_zone', `${shown(text)} is not in ${zone.name}`, `/hostnames/${index}`);
    if (!names.includes(name)) names.push(name);
  }
  return names;
}

function trustOf(name: Hostname, index: number, call: ZoneCall): HostnameTrust | Problem {
  const plan = effectivePlan(name, call);
  if (isProblem(plan)) return plan;
  if (plan.bundle === null)
    return problem('origin_config_refused', `${name} ${VETOED.text}. ${VETOED.fix}`, `/hostnames/${index}`);
  const bundle = call.plane.bundle(plan.accept_shared ? null : call.zone);
  return hostnameTrust(name, plan, bundle);
}

function notAName(text: string, pointer: string): Problem {
  return problem('bad_body', `${shown(text)} is not a hostname`, pointer);
}

/** The generator's own words, at the field that is to blame. */
function refusal({ field, text, fix }: OriginConfigRefusal): Problem {
  return problem('origin_config_refused', `${text}. ${fix.replace(/\.$/, '')}`, `/${field}`);
}
