import type { ConfigurationReading } from '../doctor/configuration.ts';
import type { Hand } from '../doctor/credentials.ts';
import { diagnosisView, type Report, type ReportFinding } from '../doctor/view.ts';
import { type Given, reproduce } from '../doctor/report/reproduce.ts';
import { readConfiguration } from './doctor-configuration.ts';
import { type ControlReading, readControlFacts } from './doctor-control.ts';
import { type FoundDoors, findDoors } from './doctor-doors.ts';
import { type Looked, lookAndJudge } from './doctor-looks.ts';
import { minted } from './doctor-minted.ts';
import { EXIT, Failure } from './failure.ts';
import type { DoctorRequest } from './doctor-request.ts';

/** What one examination found. */
export interface Round {
  readonly report: Report;
  /** Shell commands with which a person sees what a finding says. */
  readonly commands: (finding: ReportFinding) => readonly string[];
}

/** How a round goes about it. */
export interface RoundOptions {
  /** Is asked before the first connection, with how many there may be. */
  readonly permit: (found: FoundDoors) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Looks at everything that was asked for, once. */
export async function doctorRound(request: DoctorRequest, { permit, signal }: RoundOptions): Promise<Round> {
  const read = request.configuration === null ? null : readConfiguration(request.configuration);
  const configuration = read?.reading ?? null;
  const hosts = [...new Set(request.doors.map(({ host }) => host))];
  const control = await controlOf(request, hosts);
  const found = await findDoors(request.doors, request.usualPorts);
  if (found.targets.length > 0) await permit(found);
  const { targets, unresolved } = found;
  const { hand, notChecked } = await atHand(
    withLists(request.identities.hand, read?.lists ?? []),
    request,
    control,
    found,
  );
  const armed = { ...request, identities: { ...request.identities, hand } };
  const beside = {
    ...control,
    unresolved,
    checked: [...control.checked, ...found.checked],
    notChecked: [...control.notChecked, ...notChecked],
  };
  const { diagnosis, probeOf } = await lookAndJudge(armed, targets, { configuration, signal });
  const claims = request.doors.length === 0 ? claimsOf(configuration) : [];
  return {
    report: diagnosisView(diagnosis, { ...beside, claims }),
    commands: commandsOf(request, probeOf),
  };
}

const NOTHING_SAID: ControlReading = { findings: [], checked: [], notChecked: [], zones: new Map() };

/** What the control plane says. One that does not answer keeps nobody from looking at the origin. */
async function controlOf({ control }: DoctorRequest, hosts: readonly string[]): Promise<ControlReading> {
  if (control === null) return NOTHING_SAID;
  try {
    return await readControlFacts(control, hosts);
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== EXIT.undetermined) throw error;
    return { ...NOTHING_SAID, notChecked: [{ what: 'what the control plane says', why: error.message }] };
  }
}

// A list that was named counts: what the configuration names is for want of one.
function withLists(hand: Hand, lists: Hand['lists']): Hand {
  return hand.lists.length > 0 ? hand : { ...hand, lists };
}

/** What the looks go out with: what was given, else what the control plane signs. */
async function atHand(hand: Hand, { control }: DoctorRequest, { zones }: ControlReading, found: FoundDoors) {
  const needless = control === null || found.targets.length === 0;
  return needless ? { hand, notChecked: [] } : minted(control, hand, zones);
}

function claimsOf(configuration: ConfigurationReading | null): ConfigurationReading['claims'] {
  return configuration?.claims ?? [];
}

function commandsOf({ identities, verifiedHeaders }: DoctorRequest, probeOf: Looked['probeOf']): Round['commands'] {
  const { identity, unwanted } = identities;
  const given: Given = { identity, unwanted, verifiedHeader: verifiedHeaders[0] ?? null };
  return ({ target, evidence }) => {
    for (const { probe: text } of evidence) {
      const probe = probeOf(target ?? '', text);
      const commands = probe === null ? [] : reproduce(probe, given);
      if (commands.length > 0) return commands;
    }
    return [];
  };
}
