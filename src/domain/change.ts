import { type AccessRuleDraft, deleteAccessRule, putAccessRule } from './access-rule.ts';
import type { ClientCertificate, X509Facts } from './certificate.ts';
import type { AssociationWish, CertificateDraft } from './certificate-changes.ts';
import { addCertificate, associate, deleteCertificate } from './certificate-changes.ts';
import { answerRequest, type CertificateRequest, requestCertificate, withdrawRequest } from './certificate-request.ts';
import type { Circumstances } from './circumstances.ts';
import {
  addCustomCertificate,
  type CustomCertificateDraft,
  deleteCustomCertificate,
  type PriorityWish,
  prioritize,
  replaceCustomCertificate,
} from './custom-certificate-changes.ts';
import {
  type AccountId,
  type CertificateId,
  type Fingerprint,
  type Hostname,
  hostname,
  type RuleId,
  type ZoneId,
} from './ids.ts';
import { tooMany } from './limits.ts';
import { closeLock, type Opening, openLock, settleOpenings } from './opening.ts';
import {
  type LookPathWish,
  type LookPause,
  NEW_LOOK_SETTINGS,
  pauseLooks,
  resumeLooks,
  setLookPaths,
} from './look-settings.ts';
import { issueManaged, type ManagedIssue } from './managed-certificate.ts';
import { addOriginCertificate, type OriginCertificate, revokeOriginCertificate } from './origin-certificate.ts';
import { type Problem, problem } from './problems.ts';
import { deleteRateLimit, putRateLimit, type RateLimitDraft } from './rate-limit.ts';
import { changeRecords, type PlacedStep, type RecordStep } from './record-changes.ts';
import {
  forgetRevocations,
  type RevocationReason,
  type RevocationWish,
  revokeCertificate,
  revokeIntermediate,
} from './revocation.ts';
import { sameFields } from './same-fields.ts';
import {
  moveRotation,
  type RotationDraft,
  type RotationMove,
  type RotationWish,
  startRotation,
  steerRotation,
} from './rotation-changes.ts';
import { forgetRootKey, restoreRootKey, type SignedAhead } from './root-key.ts';
import { type RenewalWithin, renewWithin } from './rotation-renewal.ts';
import { NEW_ZONE_SETTINGS, type ZoneSettings } from './settings.ts';
import { dropVisitorAuthorities, requireVisitors, type VisitorAuthoritiesDraft } from './visitor-authorities.ts';
import type { TrustedCa, Zone, ZoneAuthority } from './zone.ts';

/** What somebody wants of a zone. Parsed values only: bodies become commands in `src/wire`. */
export type Command =
  | {
      readonly kind: 'create_zone';
      readonly id: ZoneId;
      readonly account: AccountId;
      readonly name: Hostname;
      readonly authority: ZoneAuthority;
      readonly managed: CertificateDraft;
    }
  | { readonly kind: 'delete_zone' }
  | { readonly kind: 'edit_zone'; readonly paused: boolean }
  /** Settings, and the pause with them where it is named: all or none. */
  | { readonly kind: 'set'; readonly settings: Partial<ZoneSettings>; readonly paused?: boolean }
  | RecordStep
  /** Several changes of records, all or none. */
  | { readonly kind: 'batch_records'; readonly steps: readonly PlacedStep[] }
  | { readonly kind: 'add_certificate'; readonly draft: CertificateDraft }
  | ({ readonly kind: 'issue_certificate' } & ManagedIssue)
  | { readonly kind: 'delete_certificate'; readonly level: ClientCertificate['level']; readonly id: CertificateId }
  | { readonly kind: 'request_certificate'; readonly request: CertificateRequest }
  | { readonly kind: 'withdraw_certificate_request'; readonly id: CertificateId }
  /** The draft has the id of the request. */
  | { readonly kind: 'answer_certificate_request'; readonly draft: CertificateDraft }
  | { readonly kind: 'associate'; readonly wishes: readonly AssociationWish[] }
  | { readonly kind: 'trust_ca'; readonly ca: TrustedCa }
  | { readonly kind: 'distrust_ca'; readonly id: CertificateId }
  | { readonly kind: 'require_visitors'; readonly draft: VisitorAuthoritiesDraft }
  | { readonly kind: 'drop_visitor_authorities'; readonly hostname: Hostname }
  | { readonly kind: 'add_custom_certificate'; readonly draft: CustomCertificateDraft }
  | {
      readonly kind: 'replace_custom_certificate';
      readonly id: CertificateId;
      /** Of the certificate that the new one was made for: another one has another key. */
      readonly over: Fingerprint;
      readonly draft: CustomCertificateDraft;
    }
  | { readonly kind: 'delete_custom_certificate'; readonly id: CertificateId }
  | { readonly kind: 'prioritize_custom_certificates'; readonly wishes: readonly PriorityWish[] }
  | { readonly kind: 'add_origin_certificate'; readonly certificate: OriginCertificate }
  | { readonly kind: 'revoke_origin_certificate'; readonly id: string }
  | { readonly kind: 'put_access_rule'; readonly id: RuleId; readonly draft: AccessRuleDraft }
  | { readonly kind: 'delete_access_rule'; readonly id: RuleId }
  | { readonly kind: 'put_rate_limit'; readonly id: RuleId; readonly draft: RateLimitDraft }
  | { readonly kind: 'delete_rate_limit'; readonly id: RuleId }
  | ({ readonly kind: 'open_lock'; readonly lasts: number } & Pick<Opening, 'hostname' | 'by' | 'because'>)
  | { readonly kind: 'close_lock'; readonly hostname: Hostname }
  | { readonly kind: 'settle_openings'; readonly hostnames: readonly Hostname[] }
  | ({ readonly kind: 'set_look_paths' } & LookPathWish)
  | ({ readonly kind: 'pause_looks'; readonly lasts: number } & Pick<LookPause, 'by' | 'because'>)
  | { readonly kind: 'resume_looks' }
  | { readonly kind: 'start_rotation'; readonly draft: RotationDraft }
  | { readonly kind: 'move_rotation'; readonly move: RotationMove }
  | ({ readonly kind: 'renew_within_rotation' } & RenewalWithin)
  | { readonly kind: 'steer_rotation'; readonly wish: RotationWish }
  | ({ readonly kind: 'forget_root_key' } & SignedAhead)
  | { readonly kind: 'restore_root_key' }
  | ({ readonly kind: 'revoke_certificate' } & RevocationWish)
  | { readonly kind: 'revoke_intermediate'; readonly intermediate: X509Facts; readonly reason: RevocationReason }
  /** Keys of those that have served. */
  | { readonly kind: 'forget_revocations'; readonly keys: readonly string[] };

export type Changed = { readonly kind: 'changed'; readonly zone: Zone | null };

/**
 * May this change happen, and what is the zone then? `null` stands for no zone, before or after. Where nothing would
 * differ it is the very same object. The answer to the product's second question; nothing else decides about a zone.
 */
export function change(zone: Zone | null, command: Command, world: Circumstances): Changed | Problem {
  if (command.kind === 'create_zone') return zone === null ? create(command, world) : problem('zone_exists');
  if (zone === null) return problem('zone_not_found');
  const next = decide(zone, command, world);
  if (next === null) return { kind: 'changed', zone: null };
  if ('code' in next) return next;
  return { kind: 'changed', zone: next === zone ? zone : { ...next, modifiedAt: world.now } };
}

function decide(
  zone: Zone,
  command: Exclude<Command, { kind: 'create_zone' }>,
  world: Circumstances,
): Zone | Problem | null {
  if (isAboutIdentity(command)) return decideIdentity(zone, command, world);
  switch (command.kind) {
    case 'delete_zone':
      return null;
    case 'edit_zone':
      return pause(zone, command.paused);
    case 'set':
      return set(pause(zone, command.paused ?? zone.paused), command.settings, world);
    case 'create_record':
    case 'update_record':
    case 'delete_record':
      return changeRecords(zone, [{ at: '', step: command }], world);
    case 'batch_records':
      return changeRecords(zone, command.steps, world);
    case 'trust_ca':
      return trustCa(zone, command.ca, world);
    case 'distrust_ca':
      return distrustCa(zone, command.id);
    case 'require_visitors':
      return requireVisitors(zone, command.draft, world);
    case 'drop_visitor_authorities':
      return dropVisitorAuthorities(zone, command.hostname);
    case 'add_custom_certificate':
      return addCustomCertificate(zone, command.draft, world);
    case 'replace_custom_certificate':
      return replaceCustomCertificate(zone, command, world);
    case 'delete_custom_certificate':
      return deleteCustomCertificate(zone, command.id);
    case 'prioritize_custom_certificates':
      return prioritize(zone, command.wishes, world);
    case 'add_origin_certificate':
      return addOriginCertificate(zone, command.certificate, world);
    case 'revoke_origin_certificate':
      return revokeOriginCertificate(zone, command.id, world);
    case 'put_access_rule':
      return putAccessRule(zone, command.id, command.draft, world.now);
    case 'delete_access_rule':
      return deleteAccessRule(zone, command.id);
    case 'put_rate_limit':
      return putRateLimit(zone, command.id, command.draft, world.now);
    case 'delete_rate_limit':
      return deleteRateLimit(zone, command.id);
    case 'open_lock':
      return openLock(zone, command, world);
    case 'close_lock':
      return closeLock(zone, command.hostname, world);
    case 'settle_openings':
      return settleOpenings(zone, command.hostnames, world);
    case 'set_look_paths':
      return setLookPaths(zone, command, world);
    case 'pause_looks':
      return pauseLooks(zone, command, world);
    case 'resume_looks':
      return resumeLooks(zone, world);
  }
}

const ABOUT_IDENTITY = [
  'add_certificate',
  'issue_certificate',
  'delete_certificate',
  'request_certificate',
  'withdraw_certificate_request',
  'answer_certificate_request',
  'associate',
  'start_rotation',
  'move_rotation',
  'renew_within_rotation',
  'steer_rotation',
  'forget_root_key',
  'restore_root_key',
  'revoke_certificate',
  'revoke_intermediate',
  'forget_revocations',
] as const satisfies readonly Command['kind'][];

type IdentityCommand = Extract<Command, { kind: (typeof ABOUT_IDENTITY)[number] }>;

const IDENTITY_KINDS: ReadonlySet<Command['kind']> = new Set(ABOUT_IDENTITY);

function isAboutIdentity(command: Command): command is IdentityCommand {
  return IDENTITY_KINDS.has(command.kind);
}

/** What concerns the certificates that pulls present, and the CAs above them. */
function decideIdentity(zone: Zone, command: IdentityCommand, world: Circumstances): Zone | Problem {
  switch (command.kind) {
    case 'add_certificate':
      return addCertificate(zone, command.draft, world);
    case 'issue_certificate':
      return issueManaged(zone, command, world);
    case 'delete_certificate':
      return deleteCertificate(zone, command, world);
    case 'request_certificate':
      return requestCertificate(zone, command.request, world);
    case 'withdraw_certificate_request':
      return withdrawRequest(zone, command.id);
    case 'answer_certificate_request':
      return answerRequest(zone, command.draft, world);
    case 'associate':
      return associate(zone, command.wishes, world);
    case 'start_rotation':
      return startRotation(zone, command.draft, world);
    case 'move_rotation':
      return moveRotation(zone, command.move, world);
    case 'renew_within_rotation':
      return renewWithin(zone, command, world);
    case 'steer_rotation':
      return steerRotation(zone, command.wish, world);
    case 'forget_root_key':
      return forgetRootKey(zone, command);
    case 'restore_root_key':
      return restoreRootKey(zone);
    case 'revoke_certificate':
      return revokeCertificate(zone, command, world);
    case 'revoke_intermediate':
      return revokeIntermediate(zone, command, world);
    case 'forget_revocations':
      return forgetRevocations(zone, command.keys);
  }
}

function create(command: Extract<Command, { kind: 'create_zone' }>, world: Circumstances): Changed | Problem {
  const { id, account, name, authority, managed } = command;
  // A lone label is a top-level domain: nobody's zone.
  if (hostname(name) === null || !name.includes('.')) return problem('bad_zone_name', name, '/name');
  const above = world.holder(name);
  if (above?.name === name) return problem('zone_exists', name, '/name');
  const stranger = [above, ...world.below(name)].find((holder) => holder !== null && holder.account !== account);
  if (stranger) return problem('zone_of_other_account', name, '/name');
  // An edge knows each name once: the zone above must let go of these first.
  if (above !== null && world.inhabited(name)) return problem('zone_inhabited', `in ${above.name}`, '/name');
  const empty: Zone = {
    id,
    account,
    name,
    paused: false,
    createdAt: world.now,
    modifiedAt: world.now,
    settings: NEW_ZONE_SETTINGS,
    authority,
    records: new Map(),
    certificates: new Map(),
    certificateRequests: new Map(),
    associations: new Map(),
    trustStore: new Map(),
    visitorAuthorities: new Map(),
    customCertificates: new Map(),
    originCertificates: new Map(),
    accessRules: new Map(),
    rateLimits: new Map(),
    openings: new Map(),
    looks: NEW_LOOK_SETTINGS,
    rotation: null,
    revocations: new Map(),
  };
  const zone = addCertificate(empty, managed, world);
  return 'code' in zone ? zone : { kind: 'changed', zone };
}

function pause(zone: Zone, paused: boolean): Zone {
  return paused === zone.paused ? zone : { ...zone, paused };
}

function set(zone: Zone, wanted: Partial<ZoneSettings>, world: Circumstances): Zone | Problem {
  const settings = { ...zone.settings, ...wanted };
  if (settings.globalPull && !zone.settings.globalPull) {
    for (const { origin, name } of zone.records.values()) {
      const holder = origin.serverName === null ? null : world.holder(origin.serverName);
      if (holder !== null && holder.zone !== zone.id) return problem('server_name_shared', `record ${name}`);
    }
  }
  return sameFields(zone.settings, settings) ? zone : { ...zone, settings };
}

function trustCa(zone: Zone, ca: TrustedCa, { limits }: Circumstances): Zone | Problem {
  for (const known of zone.trustStore.values()) {
    if (known.certificate.fingerprint === ca.certificate.fingerprint) {
      return problem('certificate_exists', `as ${known.id}`, '/certificate');
    }
  }
  if (zone.trustStore.size >= limits.trustedCasPerZone) {
    return tooMany('trusted CAs', 'trustedCasPerZone', limits);
  }
  return { ...zone, trustStore: new Map(zone.trustStore).set(ca.id, ca) };
}

function distrustCa(zone: Zone, id: CertificateId): Zone | Problem {
  const trustStore = new Map(zone.trustStore);
  return trustStore.delete(id) ? { ...zone, trustStore } : problem('certificate_not_found', id);
}
