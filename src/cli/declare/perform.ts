import { COMPLIANCES } from '../../domain/compliance.ts';
import type { Hostname } from '../../domain/ids.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { configuration } from '../../wire/access-rules.ts';
import { rateLimitBody } from '../../wire/rate-limits.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { EXIT, Failure } from '../failure.ts';
import { accessRulesPath } from '../manage/access-rules.ts';
import { lookSettingsPath } from '../manage/attestation-looks.ts';
import { setLevel } from '../manage/origin-pulls.ts';
import { rateLimitsPath } from '../manage/rate-limits.ts';
import { visitorAuthoritiesPath } from '../manage/visitors.ts';
import type { Step } from './step.ts';

/** Takes steps one by one; new zones add their ids. */
export interface Performer {
  readonly perform: (step: Step) => Promise<readonly string[]>;
}

/** Performs steps through the API. `ids` are those of the zones that exist. */
export function performer(access: ApiAccess, ids: ReadonlyMap<Hostname, string>): Performer {
  const known = new Map(ids);
  return {
    perform: async (step) => {
      if (step.kind !== 'create_zone') return change(access, idOf(known, step.zone), step);
      const body = { name: step.zone, ...(step.account === null ? {} : { account: { id: step.account.id } }) };
      const { result, messages } = await callApi<{ readonly id: string }>(access, 'POST', '/client/v4/zones', body);
      known.set(step.zone, result.id);
      return messages;
    },
  };
}

function idOf(known: ReadonlyMap<Hostname, string>, zone: Hostname): string {
  const id = known.get(zone);
  if (id !== undefined) return id;
  throw new Failure(`There is no zone ${zone}.`, 'Somebody may have deleted it meanwhile: try again.', EXIT.notGood);
}

async function change(
  access: ApiAccess,
  id: string,
  step: Exclude<Step, { kind: 'create_zone' }>,
): Promise<readonly string[]> {
  const base = `/client/v4/zones/${id}`;
  const call = async (method: string, path: string, body?: unknown) =>
    (await callApi<unknown>(access, method, `${base}${path}`, body)).messages;
  switch (step.kind) {
    case 'delete_zone':
      return call('DELETE', '');
    case 'paused':
      return call('PATCH', '', { paused: step.to });
    case 'ssl':
      return call('PATCH', '/settings/ssl', { value: step.to });
    case 'alwaysUseHttps':
      return call('PATCH', '/settings/always_use_https', { value: step.to ? 'on' : 'off' });
    case 'minTlsVersion':
      return call('PATCH', '/settings/min_tls_version', { value: step.to });
    case 'compliance':
      return call('PUT', '/settings/origin_tls_compliance_modes', { value: COMPLIANCES[step.to].modes });
    case 'zoneLevel':
      return (await setLevel(access, id, 'zone', step.to)).messages;
    case 'globalLevel':
      return (await setLevel(access, id, 'global', step.to)).messages;
    case 'associate':
      return call('PUT', '/origin_tls_client_auth/hostnames', { config: [association(step)] });
    case 'ask_visitors':
      return askVisitors(access, id, step);
    case 'look_path': {
      const body = step.hostname === null ? { path: step.to ?? '/' } : { hostnames: { [step.hostname]: step.to } };
      return (await callApi<unknown>(access, 'PATCH', lookSettingsPath(id), body)).messages;
    }
    case 'access_rule':
      return putAccessRule(access, id, step);
    case 'rate_limit':
      return putRateLimit(access, id, step);
    case 'add_record':
      return call('POST', '/dns_records', recordBody(step.record));
    case 'change_record':
      return call('PUT', `/dns_records/${step.record.id}`, recordBody(step.to));
    case 'remove_record':
      return call('DELETE', `/dns_records/${step.record.id}`);
  }
}

async function askVisitors(
  access: ApiAccess,
  zone: string,
  { hostname, to }: Extract<Step, { kind: 'ask_visitors' }>,
): Promise<readonly string[]> {
  const path = visitorAuthoritiesPath(zone, hostname);
  if (to === null) return (await callApi<unknown>(access, 'DELETE', path)).messages;
  const body = { certificates: to.certificates.map(({ pem }) => pem).join(''), name: to.name };
  return (await callApi<unknown>(access, 'PUT', path, body)).messages;
}

async function putAccessRule(
  access: ApiAccess,
  zone: string,
  { from, to }: Extract<Step, { kind: 'access_rule' }>,
): Promise<readonly string[]> {
  const path = accessRulesPath(zone, from?.id);
  if (to === null) return (await callApi<unknown>(access, 'DELETE', path)).messages;
  const body = { mode: to.mode, configuration: configuration(to.network), notes: to.notes };
  return (await callApi<unknown>(access, from === null ? 'POST' : 'PATCH', path, body)).messages;
}

async function putRateLimit(
  access: ApiAccess,
  zone: string,
  { from, to }: Extract<Step, { kind: 'rate_limit' }>,
): Promise<readonly string[]> {
  const path = rateLimitsPath(zone, from?.id);
  if (to === null) return (await callApi<unknown>(access, 'DELETE', path)).messages;
  return (await callApi<unknown>(access, from === null ? 'POST' : 'PUT', path, rateLimitBody(to))).messages;
}

/** The API asks for a certificate with each hostname, also to give it back. */
function association({ hostname, from, to }: Extract<Step, { kind: 'associate' }>) {
  return { hostname, cert_id: to?.certificate ?? from?.certificate, enabled: to === null ? null : to.enabled };
}

function recordBody({ name, type, content, ttl, proxied, comment, originSent }: RecordDraft) {
  return { name, type, content, ttl, proxied, comment, origin: originSent === null ? null : origin(originSent) };
}

function origin(sent: string): unknown {
  return JSON.parse(sent);
}
