import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chainPem } from '../domain/certificate.ts';
import type { Command } from '../domain/change.ts';
import { ruleId } from '../domain/ids.ts';
import { SSL_MODES } from '../domain/settings.ts';
import { urlPattern } from '../domain/url-pattern.ts';
import type { Zone } from '../domain/zone.ts';
import type { PrivateKey } from '../pki/keys.ts';
import {
  ACTOR,
  dataPath,
  name,
  newZone,
  openPlane,
  record,
  recordIdOf,
  sure,
  upload,
} from './control-plane.fixture.ts';

type ZoneCommand = Exclude<Command, { kind: 'create_zone' }>;

type Step =
  | { readonly kind: 'put'; readonly record: number; readonly host: number; readonly proxied: boolean }
  | { readonly kind: 'drop'; readonly record: number }
  | { readonly kind: 'ssl'; readonly mode: number; readonly on: boolean }
  | { readonly kind: 'add' | 'delete'; readonly certificate: number }
  | { readonly kind: 'associate'; readonly host: number; readonly certificate: number; readonly wish: number }
  | { readonly kind: 'ask'; readonly host: number; readonly certificate: number; readonly gone: boolean }
  | { readonly kind: 'revoke'; readonly serial: number }
  | { readonly kind: 'limit' | 'block'; readonly rule: number; readonly gone: boolean };

const small = fc.nat(3);
const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('put' as const), record: small, host: small, proxied: fc.boolean() }),
    fc.record({ kind: fc.constant('drop' as const), record: small }),
    fc.record({ kind: fc.constant('ssl' as const), mode: fc.nat(SSL_MODES.length - 1), on: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('add' as const, 'delete' as const), certificate: small }),
    fc.record({ kind: fc.constant('associate' as const), host: small, certificate: small, wish: fc.nat(2) }),
    fc.record({ kind: fc.constant('ask' as const), host: small, certificate: small, gone: fc.boolean() }),
    fc.record({ kind: fc.constant('revoke' as const), serial: small }),
    fc.record({ kind: fc.constantFrom('limit' as const, 'block' as const), rule: small, gone: fc.boolean() }),
  ),
  { maxLength: 20 },
);

function ruleCommand({ kind, rule, gone }: Extract<Step, { kind: 'limit' | 'block' }>): ZoneCommand {
  const id = sure(ruleId(`${rule}`.repeat(32)));
  if (kind === 'block') {
    if (gone) return { kind: 'delete_access_rule', id };
    return { kind: 'put_access_rule', id, draft: { mode: 'block', network: `192.0.${rule}.0/24`, notes: `${rule}` } };
  }
  if (gone) return { kind: 'delete_rate_limit', id };
  const url = `*.example.test/${rule}*`;
  const match = { methods: ['POST'], schemes: ['https'] as const, url, pattern: sure(urlPattern(url)) };
  const numbers = { threshold: rule + 1, period: 60, timeout: 600 };
  const words = { description: 'login', disabled: rule === 0, key: 'address', action: 'ban' } as const;
  return { kind: 'put_rate_limit', id, draft: { ...words, ...numbers, match } };
}

test('whatever is changed, a restart finds the same zones, and associations name certificates that are there', async (t) => {
  const hosts = ['example.test', 'a.example.test', 'b.a.example.test', '*.c.example.test'];
  const uploads = await Promise.all(Array.from({ length: 4 }, (_, index) => upload(index < 3 ? 'hostname' : 'zone')));
  const addOf = ({ draft, key }: (typeof uploads)[number], index: number) => {
    // What was sent is not always leaf and chain in one.
    const sent = index % 2 === 0 ? draft.sent : chainPem(draft.leaf, draft.chain);
    return { command: { kind: 'add_certificate', draft: { ...draft, sent } }, key } as const;
  };
  const commandFor = (zone: Zone, step: Step): { readonly command: ZoneCommand; readonly key?: PrivateKey } => {
    switch (step.kind) {
      case 'put': {
        const id = recordIdOf(step.record);
        const draft = { ...record(sure(hosts[step.host]), `192.0.2.${step.record}`), proxied: step.proxied };
        const kind = zone.records.has(id) ? 'update_record' : 'create_record';
        return { command: { kind, id, draft } };
      }
      case 'drop':
        return { command: { kind: 'delete_record', id: recordIdOf(step.record) } };
      case 'ssl':
        return { command: { kind: 'set', settings: { ssl: sure(SSL_MODES[step.mode]), zonePull: step.on } } };
      case 'add':
        return addOf(sure(uploads[step.certificate]), step.certificate);
      case 'delete': {
        const { level, id } = sure(uploads[step.certificate]).draft;
        return { command: { kind: 'delete_certificate', level, id } };
      }
      case 'ask': {
        const hostname = name(sure(hosts[step.host]));
        if (step.gone) return { command: { kind: 'drop_visitor_authorities', hostname } };
        const certificates = sure(uploads[step.certificate]).draft.chain;
        const draft = { hostname, name: step.host === 0 ? null : 'staff', certificates };
        return { command: { kind: 'require_visitors', draft } };
      }
      case 'revoke': {
        const target = { kind: 'serial', serial: `${step.serial}f` } as const;
        return { command: { kind: 'revoke_certificate', target, reason: 'superseded', force: false } };
      }
      case 'limit':
      case 'block':
        return { command: ruleCommand(step) };
      case 'associate': {
        const certificate = sure(uploads[step.certificate]).draft.id;
        const wish = sure((['present', 'veto', 'void'] as const)[step.wish]);
        return {
          command: { kind: 'associate', wishes: [{ hostname: name(sure(hosts[step.host])), certificate, wish }] },
        };
      }
    }
  };
  await fc.assert(
    fc.asyncProperty(STEPS, async (steps) => {
      const dir = dataPath(t);
      const plane = await openPlane(t, dir);
      const { id } = await newZone(plane);
      for (const step of steps) {
        const zone = sure(plane.zones.get(id));
        await plane.commit({ zone: id, actor: ACTOR, ...commandFor(zone, step) });
      }
      const before = sure(plane.zones.get(id));
      await plane.close();
      const again = await openPlane(t, dir);
      const after = sure(again.zones.get(id));
      assert.deepEqual(after, before);
      assert.deepEqual([...after.certificates.keys()], [...before.certificates.keys()], 'in the same order');
      for (const { certificate } of after.associations.values()) {
        assert.equal(after.certificates.get(certificate)?.wish.kind, 'deploy');
      }
      await again.close();
    }),
    { numRuns: 15 },
  );
});
