import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CertificateDraft } from '../domain/certificate-changes.ts';
import { certificateId, type Hostname, hostname, hostnamePattern, instant, recordId } from '../domain/ids.ts';
import { DEFAULT_ORIGIN } from '../domain/record.ts';
import type { RecordDraft } from '../domain/record-changes.ts';
import type { Zone } from '../domain/zone.ts';
import { createAuthority, issueLeaf, validFor } from '../pki/issue.ts';
import { keep } from '../pki/kept-certificate.ts';
import { generateKey, type PrivateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import type { EdgeMessage, FeedLink, FeedMessage } from '../wire/feed.ts';
import type { ControlPlane } from './plane.ts';
import { type ControlPlaneOptions, openControlPlane } from './start.ts';

/** Who changes things in these tests. */
export const ACTOR = { token: 'test', from: '127.0.0.1' };

export const NOW = instant(Date.UTC(2030, 0, 1));
export const DAY = 86_400_000;

/** SQL that makes a store what it was before there were several accounts (schema version 9). */
export const BEFORE_SEVERAL_ACCOUNTS = [
  ...['fingerprint', 'issuer', 'serial', 'not_before', 'not_after'].map((name) => dropped('certificates', name)),
  ...['zone', 'action', 'actor'].map((by) => `DROP INDEX audit_events_by_${by}`),
  ...['action', 'actor'].map((by) => `DROP INDEX revisions_by_${by}`),
  'DROP TABLE sessions',
  'DROP TABLE certificate_requests',
  'DROP TABLE rotations',
  ...['notice_deliveries', 'notice_channels', 'notice_marks', 'notices'].map((name) => `DROP TABLE ${name}`),
  ...[
    'authority_id',
    'authority_next',
    'authority_retiring',
    'authority_root_key',
    'authority_standby',
    'authority_signer',
    'looks',
  ].map((name) => dropped('zones', name)),
  ...['setups', 'origin_caller_sources', 'origin_callers', 'origin_other_callers'].map((name) => `DROP TABLE ${name}`),
  'DROP TABLE attestation_changes',
  'DROP TABLE attestations',
  'DROP TABLE analytics_steps',
  'DROP TABLE origin_reports',
  'DROP TABLE openings',
  'DROP TABLE bundle_manifests',
  'DROP TABLE revocations',
  'DROP TABLE revocation_lists',
  dropped('accounts', 'type'),
  dropped('tokens', 'accounts'),
  dropped('tokens', 'last_used_at'),
  dropped('revisions', 'account'),
  dropped('audit_events', 'account'),
  "UPDATE meta SET value = '9' WHERE name = 'schema_version'",
].join(';');

function dropped(table: string, column: string): string {
  return `ALTER TABLE ${table} DROP COLUMN ${column}`;
}

/** A path for a data directory, with its surroundings removed after the test. */
export function dataPath(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'postern-control-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, 'data');
}

/** A control plane over `dir`, closed after the test. */
export async function openPlane(
  t: TestContext,
  dir: string,
  options: Partial<ControlPlaneOptions> = {},
): Promise<ControlPlane> {
  const plane = await openControlPlane({ dir, kek: null, clock: () => NOW, log: () => undefined, ...options });
  t.after(() => plane.close());
  return plane;
}

/** The value, or a failed test. */
export function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) assert.fail('there is no value');
  return value;
}

/** A hostname or wildcard. */
export function name(text: string): Hostname {
  return sure(hostnamePattern(text));
}

/** A zone of the default account. */
export async function newZone(plane: ControlPlane, text = 'example.test'): Promise<Zone> {
  const made = await plane.createZone(sure(hostname(text)), plane.installation.account, ACTOR);
  if (made.kind === 'problem') assert.fail(`${made.code} ${made.detail}`);
  return made.zone;
}

/** A proxied record. */
export function record(text: string, content = '192.0.2.1'): RecordDraft {
  return {
    name: name(text),
    type: 'A',
    content,
    ttl: 1,
    proxied: true,
    origin: DEFAULT_ORIGIN,
    originSent: null,
    comment: null,
  };
}

/** A record id that counts. */
export function recordIdOf(count: number) {
  return sure(recordId(count.toString(16).padStart(32, '0')));
}

/** A certificate as an owner would upload it, with its key. */
export async function upload(
  level: 'zone' | 'hostname',
): Promise<{ readonly draft: CertificateDraft; readonly key: PrivateKey }> {
  const root = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'root of the owner' },
    key: await generateKey(),
    validity: validFor(NOW, 365 * DAY),
  });
  const key = await generateKey();
  const { certificate } = issueLeaf(root, {
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'client of the owner' },
    key,
    validity: validFor(NOW, 90 * DAY),
  });
  const id = sure(certificateId(randomUUID()));
  const chain = [root.certificate];
  return { draft: { id, level, source: 'uploaded', leaf: keep(certificate), chain, sent: certificate.pem }, key };
}

/** An edge that keeps what it is sent, and acknowledges by itself or when told. */
export interface RecordingEdge {
  readonly link: FeedLink;
  readonly messages: FeedMessage[];
  /** Why the feed let it go, each time that it did. */
  readonly ends: string[];
  readonly say: (message: EdgeMessage) => void;
  /** Resolves with the first message, from now on or before, that fits. */
  readonly seen: (fits: (message: FeedMessage) => boolean) => Promise<FeedMessage>;
}

/** A new edge; with `acknowledges` it has each revision in force at once. */
export function recordingEdge({ acknowledges }: { readonly acknowledges: boolean }): RecordingEdge {
  const messages: FeedMessage[] = [];
  const ends: string[] = [];
  const watchers: ((message: FeedMessage) => void)[] = [];
  let tell: (message: EdgeMessage) => void = () => assert.fail('nobody listens');
  const link: FeedLink = {
    send: (message) => {
      // What cannot be cloned cannot cross to another process.
      const received = structuredClone(message);
      messages.push(received);
      for (const watch of watchers) watch(received);
      const revised = message.kind === 'snapshot' || message.kind === 'delta';
      if (acknowledges && revised) tell({ kind: 'applied', edge: 'edge', revision: message.revision });
    },
    receive: (handler) => {
      tell = handler;
    },
    ended: (because) => void ends.push(because),
  };
  return {
    link,
    messages,
    ends,
    say: (message) => tell(message),
    seen: (fits) =>
      new Promise((resolve) => {
        const present = messages.find(fits);
        if (present !== undefined) resolve(present);
        watchers.push((message) => {
          if (fits(message)) resolve(message);
        });
      }),
  };
}
