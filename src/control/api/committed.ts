import type { Command } from '../../domain/change.ts';
import { caveats, recordCaveats, settingCaveats } from '../../domain/caveats.ts';
import type { Problem } from '../../domain/problems.ts';
import type { DnsRecord } from '../../domain/record.ts';
import { provable } from '../../domain/trust.ts';
import type { Zone } from '../../domain/zone.ts';
import type { Secret } from '../../pki/secret.ts';
import { type Message, caveatMessage, remark } from '../../wire/messages.ts';
import type { Committed } from '../committed.ts';
import type { ZoneCall } from './route.ts';
import type { Answer } from './outcome.ts';

type ZoneCommand = Exclude<Command, { kind: 'create_zone' }>;

interface Along {
  /** Goes to the vault with the change. */
  readonly key?: Secret<string> | undefined;
  /** Asked about the zone as it is when the change has its turn. */
  readonly precondition?: (zone: Zone | null) => Problem | null;
}

/** Changes the zone that the call is about, and waits until it is in force. */
export function commit(
  { plane, zone, actor }: ZoneCall,
  command: ZoneCommand,
  { key, precondition }: Along = {},
): Promise<Committed | Problem> {
  const change = { zone: zone.id, command, actor };
  return plane.commit({
    ...change,
    ...(key === undefined ? {} : { key }),
    ...(precondition === undefined ? {} : { precondition }),
  });
}

/** The answer to a change: what came of it, and whether it is in force. */
export function changed<Result>(
  committed: Committed,
  result: Result,
  messages: readonly Message[] = [],
): Answer<Result> {
  const pending = committed.inForce ? [] : [remark('pending_deployment')];
  return { kind: 'answer', result, messages: [...pending, ...messages] };
}

/** What is worth knowing about origin pulls in this zone. */
export function zoneMessages(zone: Zone): readonly Message[] {
  return caveats(zone, provable(zone)).map(caveatMessage);
}

/** What is worth knowing about all settings of this zone. */
export function settingMessages(zone: Zone): readonly Message[] {
  return [...zoneMessages(zone), ...settingCaveats(zone).map(caveatMessage)];
}

/** What is worth knowing about these records of this zone. */
export function recordMessages(zone: Zone, records: readonly DnsRecord[]): readonly Message[] {
  return recordCaveats(zone, records).map(caveatMessage);
}
