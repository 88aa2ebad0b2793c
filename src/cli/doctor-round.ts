import type { ConfigurationReading } from '../doctor/configuration.ts';
import { diagnose } from '../doctor/diagnosis/diagnose.ts';
import { probeText } from '../doctor/diagnosis/told.ts';
import { rightIdentity } from '../doctor/credentials.ts';
import { examineAll } from '../doctor/examine.ts';
import type { Observation } from '../doctor/observation.ts';
import type { Probe } from '../doctor/probe.ts';
import { diagnosisView, type Report, type ReportFinding } from '../doctor/view.ts';
import { type Given, reproduce } from '../doctor/report/reproduce.ts';
import { targetText } from '../doctor/target.ts';
import { readConfiguration } from './doctor-configuration.ts';
import { type ControlReading, readControlFacts } from './doctor-control.ts';
import { type FoundDoors, findDoors } from './doctor-doors.ts';
import { meter } from './doctor-meter.ts';
import type { DoctorRequest } from './doctor-request.ts';
import { VERSION } from './version.ts';

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

/** About so many looks are taken at one target: for progress and permission, not for counting. */
export const LOOKS = 40;
const LOOK_TIME = 5_000;

/** Looks at everything that was asked for, once. */
export async function doctorRound(request: DoctorRequest, { permit, signal }: RoundOptions): Promise<Round> {
  const configuration = request.configuration === null ? null : readConfiguration(request.configuration);
  const hosts = [...new Set(request.doors.map(({ host }) => host))];
  const control = request.control === null ? NOTHING_SAID : await readControlFacts(request.control, hosts);
  const found = await findDoors(request.doors, request.usualPorts);
  if (found.targets.length > 0) await permit(found);
  const { observations, notChecked } = await looked(request, found, signal);
  const { targets, unresolved } = found;
  const beside = { ...control, unresolved, checked: [...control.checked, ...found.checked] };
  const own = request.identities.hand.identity;
  const identity = own === null ? null : rightIdentity(own);
  const diagnosis = diagnose({ targets, observations, configuration, identity, notChecked });
  const claims = request.doors.length === 0 ? claimsOf(configuration) : [];
  return {
    report: diagnosisView(diagnosis, { ...beside, claims }),
    commands: commandsOf(request, observations),
  };
}

const NOTHING_SAID: ControlReading = { findings: [], checked: [], notChecked: [] };

function claimsOf(configuration: ConfigurationReading | null): ConfigurationReading['claims'] {
  return configuration?.claims ?? [];
}

async function looked(request: DoctorRequest, { targets }: FoundDoors, signal: AbortSignal) {
  if (targets.length === 0) return { observations: [], notChecked: [] };
  const { path, otherNames, verifiedHeaders, identities } = request;
  const progress = meter('doctor', targets.length * LOOKS);
  const agent = `Postern-Doctor/${VERSION}`;
  const asked = {
    targets,
    path,
    otherNames,
    verifiedHeaders,
    agent,
    hand: identities.hand,
    timeout: LOOK_TIME,
    signal,
  };
  try {
    return await examineAll(asked, progress.step);
  } finally {
    progress.end();
  }
}

function commandsOf(request: DoctorRequest, observations: readonly Observation[]): Round['commands'] {
  const { identities, verifiedHeaders } = request;
  const { identity, unwanted } = identities;
  const given: Given = { identity, unwanted, verifiedHeader: verifiedHeaders[0] ?? null };
  let probes: ReadonlyMap<string, Probe> | null = null;
  const known = () =>
    new Map(observations.map(({ probe }) => [key(targetText(probe.target), probeText(probe)), probe]));
  return ({ target, evidence }) => {
    probes ??= known();
    for (const { probe: text } of evidence) {
      const probe = probes.get(key(target ?? '', text));
      const commands = probe === undefined ? [] : reproduce(probe, given);
      if (commands.length > 0) return commands;
    }
    return [];
  };
}

function key(target: string, probe: string): string {
  return `${target}\0${probe}`;
}
