import type { Claim } from '../../../doctor/configuration.ts';
import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Verdict } from '../../../doctor/diagnosis/verdict.ts';
import type { NginxHost } from '../../server/nginx/hosts.ts';
import { nginxListener } from '../../server/nginx/listen.ts';
import { passedTo, type Upstreams, upstreamsIn } from '../../server/nginx/reaches.ts';
import type { Effective, NginxTree } from '../../server/nginx/tree.ts';
import { type Listener, listenerText } from '../../server/virtual-host.ts';
import type { AuditRequest } from '../audit-request.ts';
import type { Wanted } from './doors.ts';
import type { Said } from '../said.ts';
import { settingText } from './settings.ts';
import { type PlacedFault, trustOf } from './trust.ts';

/** What stands below HTTP says of who gets in. */
export interface StreamReading {
  readonly claims: readonly Claim[];
  readonly said: readonly Said[];
  readonly faults: readonly PlacedFault[];
}

/** The servers of `stream { }`: locks of their own, and ways around those of HTTP. */
export function readStreams({ effective }: NginxTree, wanted: readonly Wanted[], request: AuditRequest): StreamReading {
  const readings = effective
    .filter(({ name }) => name === 'stream')
    .flatMap(({ inner }) => {
      const level = inner ?? [];
      const servers = level.filter(({ name }) => name === 'server');
      return servers.map((block) => readServer(serverOf(block, level), reachedBy(block, level), wanted, request));
    });
  return {
    claims: readings.flatMap(({ claims }) => claims),
    said: readings.flatMap(({ said }) => said),
    faults: readings.flatMap(({ faults }) => faults),
  };
}

function serverOf(block: Effective, level: readonly Effective[]): NginxHost {
  const inner = block.inner ?? [];
  const listeners = inner
    .filter(({ name }) => name === 'listen')
    .flatMap(({ args, place }) => nginxListener(args, place) ?? [])
    .filter(({ family }) => family !== 'unix');
  const { place } = block;
  return { place, block, http: level, names: [], listeners, reaches: [], asks: 'nothing', trusts: null, unclear: null };
}

function reachedBy({ inner }: Effective, level: readonly Effective[]): ReadonlySet<string> {
  const upstreams = upstreamsIn(level);
  const target = (inner ?? []).findLast(({ name }) => name === 'proxy_pass')?.args[0] ?? '';
  return new Set(targets(target, level, upstreams));
}

// Which of them, is said by a table where the target is a variable.
function targets(written: string, level: readonly Effective[], upstreams: Upstreams): readonly string[] {
  const table = level.find(({ name, args }) => name === 'map' && args[1] === written);
  const values = table === undefined ? [written] : (table.inner ?? []).map(({ args }) => args[0] ?? '');
  return values.filter((value) => value !== '').flatMap((value) => passedTo('proxy_pass', value, '', upstreams));
}

const CAUSES: Readonly<Record<string, FindingCode>> = { optional: 'optional', optional_no_ca: 'unverified' };

function readServer(
  host: NginxHost,
  reached: ReadonlySet<string>,
  wanted: readonly Wanted[],
  request: AuditRequest,
): StreamReading {
  const mode = settingText(host, 'ssl_verify_client') ?? 'off';
  const concerned = wanted.filter(({ content }) => [...content].some((one) => reached.has(one)));
  if (mode === 'off') return around(host, concerned);
  const { faults } = trustOf(host, request);
  const cause = CAUSES[mode];
  const isShut = faults.some(({ keepsEdgeOut }) => keepsEdgeOut);
  const isWide = faults.some(({ letsStrangersIn }) => letsStrangersIn);
  const verdict = cause !== undefined || isWide ? 'open' : isShut ? 'broken' : 'locked';
  const names = concerned.length > 0 ? concerned.map(({ name }) => name) : ['*'];
  const tls = host.listeners.filter((one) => one.tls);
  const plain = host.listeners.filter((one) => !one.tls);
  const said: Said[] =
    cause === undefined ? [] : [{ code: cause, where: host.place, detail: `ssl_verify_client ${mode}` }];
  const rest = plain.length === 0 ? { claims: [], said: [] } : around({ ...host, listeners: plain }, concerned);
  return {
    claims: [...names.flatMap((name) => claims(name, tls, host, verdict)), ...rest.claims],
    said: [...said, ...rest.said],
    faults,
  };
}

// Connections are passed on to the application as they come, beside the lock.
function around(host: NginxHost, concerned: readonly Wanted[]): StreamReading {
  const open = concerned.flatMap(({ name }) => claims(name, host.listeners, host, 'open'));
  const said = open.length === 0 ? [] : host.listeners.map((one) => passedOn(host, one));
  return { claims: open, said, faults: [] };
}

function passedOn({ place }: NginxHost, listener: Listener): Said {
  return {
    code: 'application_port',
    where: place,
    detail: `${listenerText(listener)} passes connections on below HTTP`,
  };
}

function claims(
  name: string,
  listeners: readonly Listener[],
  { place }: NginxHost,
  verdict: Verdict,
): readonly Claim[] {
  return listeners.map(({ host, port }) => ({ host: name, address: host, port, verdict, where: place }));
}
