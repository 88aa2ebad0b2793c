import type { AccessRuleDraft } from '../../domain/access-rule.ts';
import { COMPLIANCES, type Compliance } from '../../domain/compliance.ts';
import type { Hostname } from '../../domain/ids.ts';
import { DEFAULT_ORIGIN } from '../../domain/record.ts';
import type { RateLimitDraft } from '../../domain/rate-limit.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { accessRuleText, rateLimitText } from './rule-text.ts';
import type {
  AccountRef,
  AskedState,
  HostnameState,
  PresentAccessRule,
  PresentRateLimit,
  PresentRecord,
  ZoneChoices,
} from './state.ts';

/** One call of the API that brings what is nearer to what is wanted. */
export type Step = { readonly zone: Hostname } & StepAction;

type StepAction =
  | { readonly kind: 'create_zone'; readonly account: AccountRef | null }
  | { readonly kind: 'delete_zone' }
  | Choice<'paused'>
  | Choice<'ssl'>
  | Choice<'alwaysUseHttps'>
  | Choice<'minTlsVersion'>
  | Choice<'compliance'>
  | Choice<'zoneLevel'>
  | Choice<'globalLevel'>
  | {
      readonly kind: 'associate';
      readonly hostname: Hostname;
      readonly from: HostnameState | null;
      readonly to: HostnameState | null;
    }
  | {
      readonly kind: 'ask_visitors';
      readonly hostname: Hostname;
      readonly from: AskedState | null;
      readonly to: AskedState | null;
    }
  | {
      readonly kind: 'look_path';
      /** `null` for what the zone says. */
      readonly hostname: Hostname | null;
      readonly from: string | null;
      readonly to: string | null;
    }
  | {
      readonly kind: 'access_rule';
      readonly from: PresentAccessRule | null;
      readonly to: AccessRuleDraft | null;
    }
  | {
      readonly kind: 'rate_limit';
      readonly from: PresentRateLimit | null;
      readonly to: RateLimitDraft | null;
    }
  | { readonly kind: 'add_record'; readonly record: RecordDraft }
  | { readonly kind: 'change_record'; readonly record: PresentRecord; readonly to: RecordDraft }
  | { readonly kind: 'remove_record'; readonly record: PresentRecord };

interface Choice<Name extends keyof ZoneChoices> {
  readonly kind: Name;
  readonly from: ZoneChoices[Name];
  readonly to: ZoneChoices[Name];
}

/** Created, changed or removed. */
export type Sign = '+' | '~' | '-';

/** A step in a line that a person reads. The zone is not in it. */
export function describeStep(step: Step): { readonly sign: Sign; readonly text: string } {
  switch (step.kind) {
    case 'create_zone':
      return { sign: '+', text: step.account === null ? 'zone' : `zone in the account ${step.account.name}` };
    case 'delete_zone':
      return { sign: '-', text: 'zone, with its records, certificates and authority' };
    case 'paused':
      return { sign: '~', text: `paused: ${step.from} → ${step.to}` };
    case 'ssl':
      return { sign: '~', text: `ssl: ${step.from} → ${step.to}` };
    case 'alwaysUseHttps':
      return { sign: '~', text: `always_use_https: ${onOff(step.from)} → ${onOff(step.to)}` };
    case 'minTlsVersion':
      return { sign: '~', text: `min_tls_version: ${step.from} → ${step.to}` };
    case 'compliance':
      return { sign: '~', text: `origin_tls_compliance_modes: ${modes(step.from)} → ${modes(step.to)}` };
    case 'zoneLevel':
      return { sign: '~', text: `origin pulls, zone level: ${onOff(step.from)} → ${onOff(step.to)}` };
    case 'globalLevel':
      return { sign: '~', text: `origin pulls, global level: ${onOff(step.from)} → ${onOff(step.to)}` };
    case 'associate':
      return associationText(step);
    case 'ask_visitors':
      return askedText(step);
    case 'look_path':
      return lookText(step);
    case 'access_rule':
      return { sign: signOf(step), text: accessRuleText(step.from, step.to) };
    case 'rate_limit':
      return { sign: signOf(step), text: rateLimitText(step.from, step.to) };
    case 'add_record':
      return { sign: '+', text: `record ${identity(step.record)}${details(step.record)}` };
    case 'remove_record':
      return { sign: '-', text: `record ${identity(step.record)}` };
    case 'change_record':
      return { sign: '~', text: `record ${identity(step.record)}: ${differences(step.record, step.to).join(', ')}` };
  }
}

function signOf({ from, to }: { readonly from: unknown; readonly to: unknown }): Sign {
  return from === null ? '+' : to === null ? '-' : '~';
}

function associationText({ hostname, from, to }: Extract<Step, { kind: 'associate' }>) {
  return {
    sign: signOf({ from, to }),
    text: `origin pulls of ${hostname}: ${ownWords(from)} → ${ownWords(to)}`,
  } as const;
}

function ownWords(state: HostnameState | null): string {
  if (state === null) return 'as the zone';
  return state.enabled ? `certificate ${state.certificate}` : 'no certificate';
}

function askedText({ hostname, from, to }: Extract<Step, { kind: 'ask_visitors' }>) {
  return {
    sign: signOf({ from, to }),
    text: `visitors of ${hostname}: ${askedWords(from)} → ${askedWords(to)}`,
  } as const;
}

function askedWords(state: AskedState | null): string {
  if (state === null) return 'nothing is asked';
  const own = state.name === null ? '' : ` (${state.name})`;
  return `certificate of ${state.certificates.map(({ subject }) => subject).join('; ')}${own}`;
}

function lookText({ hostname, from, to }: Extract<Step, { kind: 'look_path' }>) {
  const what = hostname === null ? 'looks at locks' : `looks at the locks of ${hostname}`;
  return { sign: signOf({ from, to }), text: `${what}: ${from ?? 'as the zone'} → ${to ?? 'as the zone'}` } as const;
}

function identity({ name, type, content }: RecordDraft): string {
  return `${name} ${type} ${content}`;
}

function details(record: RecordDraft): string {
  const { proxied, ttl } = record;
  const words = [
    ...(proxied ? ['proxied'] : ['dns only']),
    ...(ttl === 1 ? [] : [`ttl ${ttl}`]),
    ...originWords(record),
  ];
  return ` (${words.join(', ')})`;
}

function originWords({ origin }: RecordDraft): readonly string[] {
  return [
    ...(origin.httpsPort === DEFAULT_ORIGIN.httpsPort ? [] : [`https port ${origin.httpsPort}`]),
    ...(origin.httpPort === DEFAULT_ORIGIN.httpPort ? [] : [`http port ${origin.httpPort}`]),
    ...(origin.serverName === null ? [] : [`server name ${origin.serverName}`]),
    ...(origin.hostHeader === null ? [] : [`host header ${origin.hostHeader}`]),
    ...(origin.http2 ? ['http/2'] : []),
  ];
}

function differences(from: RecordDraft, to: RecordDraft): readonly string[] {
  return [
    ...(from.type === to.type ? [] : [`type ${from.type} → ${to.type}`]),
    ...(from.content === to.content ? [] : [`content → ${to.content}`]),
    ...(from.proxied === to.proxied ? [] : [to.proxied ? 'proxied' : 'dns only']),
    ...(from.ttl === to.ttl ? [] : [`ttl ${from.ttl} → ${to.ttl}`]),
    ...(from.comment === to.comment ? [] : [`comment ${JSON.stringify(to.comment)}`]),
    ...(sameOrigin(from, to) ? [] : [`origin: ${originWords(to).join(', ') || 'default'}`]),
  ];
}

/** Whether two records lead to the same origin by the same names; how it was spelt does not matter. */
export function sameOrigin({ origin: a }: RecordDraft, { origin: b }: RecordDraft): boolean {
  return (
    a.httpsPort === b.httpsPort &&
    a.httpPort === b.httpPort &&
    a.serverName === b.serverName &&
    a.hostHeader === b.hostHeader &&
    a.http2 === b.http2
  );
}

function modes(compliance: Compliance): string {
  return COMPLIANCES[compliance].modes.join(', ') || 'none';
}

function onOff(on: boolean): string {
  return on ? 'on' : 'off';
}
