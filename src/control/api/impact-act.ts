import type { AssociationWish } from '../../domain/certificate-changes.ts';
import { complianceOf } from '../../domain/compliance.ts';
import { certificateId, type Hostname, isWithin, recordId } from '../../domain/ids.ts';
import type { Act } from '../../domain/impact.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { DnsRecord } from '../../domain/record.ts';
import type { ZoneSettings } from '../../domain/settings.ts';
import type { Zone } from '../../domain/zone.ts';
import { isProblem, recordDraft, recordEdit } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import type { ImpactBody } from '../../wire/impact.ts';
import { typedHostname, typedPattern } from '../../wire/names.ts';
import type { RecordBody } from '../../wire/schemas-records.ts';
import { newHexId } from './hex-id.ts';
import { certificateAct } from './impact-certificate-act.ts';
import { ruleAct } from './impact-rule-act.ts';
import { mayNamePrivate, originAllowed } from './origin-address.ts';
import { allows } from './permissions.ts';
import type { ZoneCall } from './route.ts';

/** What a body says somebody is about to do, as the call that does it would be read. */
export function actOf(body: ImpactBody, call: ZoneCall): Act | Problem {
  switch (body.kind) {
    case 'mode':
      return set({ ssl: body.to });
    case 'always_use_https':
      return set({ alwaysUseHttps: body.on });
    case 'zone_level':
      return set({ zonePull: body.on });
    case 'global_level':
      return set({ globalPull: body.on });
    case 'hostname_level':
      return hostnameLevel(body, call.zone);
    case 'hostname_certificate_assign':
      return associate(body.hostname, body.cert_id, 'present');
    case 'min_tls_version':
      return set({ minTlsVersion: body.to });
    case 'origin_tls_compliance_modes': {
      const compliance = complianceOf(body.to);
      return compliance === null ? problem('bad_body', 'a mode is none', '/to') : set({ compliance });
    }
    case 'certificate_upload':
    case 'visitor_certificate_upload':
    case 'visitor_certificate_delete':
    case 'visitor_authorities_put':
    case 'visitor_authorities_delete':
    case 'trusted_ca_add':
    case 'trusted_ca_delete':
      return certificateAct(body, call);
    case 'access_rule_put':
    case 'access_rule_delete':
    case 'rate_limit_put':
    case 'rate_limit_delete':
      return ruleAct(body, call);
    case 'record_create':
      return recordCreation(body.record, call);
    case 'record_grey':
    case 'record_orange':
      return recordChange(body.record, { proxied: body.kind === 'record_orange' }, call);
    case 'record_change':
      return recordChange(body.record, body.change, call);
    case 'record_delete': {
      const record = recordOf(body.record, call);
      return isProblem(record) ? record : { kind: 'change', command: { kind: 'delete_record', id: record.id } };
    }
    case 'certificate_delete': {
      const id = certificateId(body.cert_id.toLowerCase());
      if (id === null) return problem('certificate_not_found', shown(body.cert_id), '/cert_id');
      return { kind: 'change', command: { kind: 'delete_certificate', level: body.level, id } };
    }
    case 'enforce': {
      const hostname = typedHostname(body.hostname);
      if (hostname === null) return noHostname(body.hostname);
      const hostnames = [hostname];
      for (const [index, text] of (body.other_names ?? []).entries()) {
        const other = typedHostname(text);
        if (other === null) return problem('bad_body', `${shown(text)} is not a hostname`, `/other_names/${index}`);
        if (!hostnames.includes(other)) hostnames.push(other);
      }
      return { kind: 'enforce', hostnames };
    }
    case 'pause':
      return { kind: 'change', command: { kind: 'edit_zone', paused: body.on } };
    case 'zone_delete':
      return { kind: 'change', command: { kind: 'delete_zone' } };
    case 'authority_rotate':
      return { kind: 'rotate', what: body.what, revokeFirst: body.revoke_first ?? false };
  }
}

function set(settings: Partial<ZoneSettings>): Act {
  return { kind: 'change', command: { kind: 'set', settings } };
}

type HostnameLevel = Extract<ImpactBody, { kind: 'hostname_level' }>;

function hostnameLevel({ hostname: text, on, cert_id: named }: HostnameLevel, zone: Zone): Act | Problem {
  const hostname = typedPattern(text);
  if (hostname === null) return noHostname(text);
  if (!isWithin(hostname, zone.name)) {
    return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`, '/hostname');
  }
  const certificate = named ?? usualCertificate(zone, hostname);
  // Without an association there is nothing to let go of.
  if (certificate === undefined && on === null) return set({});
  if (certificate === undefined) return problem('certificate_id_required', `for ${hostname}`, '/cert_id');
  return associate(text, certificate, on === null ? 'void' : on ? 'present' : 'veto');
}

/** The one that the hostname names, or the only one there is. */
function usualCertificate(zone: Zone, hostname: Hostname): string | undefined {
  const own = zone.associations.get(hostname)?.certificate;
  if (own !== undefined) return own;
  const deployed = [...zone.certificates.values()].filter(
    ({ level, wish }) => level === 'hostname' && wish.kind === 'deploy',
  );
  return deployed.length === 1 ? deployed[0]?.id : undefined;
}

function associate(text: string, id: string, wish: AssociationWish['wish']): Act | Problem {
  const hostname = typedPattern(text);
  if (hostname === null) return noHostname(text);
  const certificate = certificateId(id.toLowerCase());
  if (certificate === null) return problem('invalid_certificate_id', shown(id), '/cert_id');
  return { kind: 'change', command: { kind: 'associate', wishes: [{ hostname, certificate, wish }] } };
}

function noHostname(text: string): Problem {
  return problem('bad_body', `hostname is ${shown(text)}, must be a hostname`, '/hostname');
}

function recordOf(text: string, { zone }: ZoneCall): DnsRecord | Problem {
  const id = recordId(text.toLowerCase());
  return (id === null ? undefined : zone.records.get(id)) ?? problem('record_not_found', '', '/record');
}

function recordCreation(body: RecordBody, call: ZoneCall): Act | Problem {
  const draft = recordDraft(body, call.zone.name, null);
  if (isProblem(draft)) return draft;
  const refused = mayWrite(draft, call);
  if (refused !== null) return refused;
  return { kind: 'change', command: { kind: 'create_record', id: newHexId(recordId), draft } };
}

type RecordChange = Extract<ImpactBody, { kind: 'record_change' }>['change'];

function recordChange(text: string, change: RecordChange, call: ZoneCall): Act | Problem {
  const record = recordOf(text, call);
  if (isProblem(record)) return record;
  const draft = recordDraft(change, call.zone.name, record);
  if (isProblem(draft)) return draft;
  const refused = mayWrite(draft, call);
  if (refused !== null) return refused;
  const privateOrigins = mayNamePrivate(call.token.permissions);
  const wish = { id: record.id, draft: recordEdit(change, draft), privateOrigins };
  return { kind: 'change', command: { kind: 'update_record', ...wish } };
}

// The refusal of a change tells what others hold: it is for those who could make the change and so hear it anyway.
function mayWrite(draft: Parameters<typeof originAllowed>[0], { token: { permissions } }: ZoneCall): Problem | null {
  if (!allows(permissions, 'dns:edit')) return problem('forbidden', 'the token lacks dns:edit');
  return originAllowed(draft, permissions);
}
