import type { ConfigurationReading } from '../doctor/configuration.ts';
import { diagnose } from '../doctor/diagnosis/diagnose.ts';
import { probeText } from '../doctor/diagnosis/told.ts';
import { examine } from '../doctor/examine.ts';
import type { Observation } from '../doctor/observation.ts';
import type { Probe } from '../doctor/probe.ts';
import { diagnosisView, type Report, type ReportFinding } from '../doctor/view.ts';
import { type Given, reproduce } from '../doctor/report/reproduce.ts';
import { targetText } from '../doctor/target.ts';
import { readConfiguration } from './doctor-configuration.ts';
import { type FoundDoors, findDoors } from './doctor-doors.ts';
import { rightIdentity } from './doctor-identities.ts';
import { meter } from './doctor-meter.ts';
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

/** About so many looks are taken at one target: for progress and permission, not for counting. */
export const LOOKS = 40;
const LOOK_TIME = 5_000;

/** Looks at everything that was asked for, once. */
export async function doctorRound(request: DoctorRequest, { permit, signal }: RoundOptions): Promise<Round> {
  const configuration = request.configuration === null ? null : await readConfiguration(request.configuration);
  const found = await findDoors(request.doors, request.usualPorts);
  if (found.targets.length > 0) await permit(found);
  const observations = await looked(request, found, signal);
  const { targets, unresolved, checked } = found;
  const identity = request.identity === null ? null : rightIdentity(request.identity);
  const diagnosis = diagnose({ targets, observations, configuration, identity, notChecked: [] });
  const claims = request.doors.length === 0 ? claimsOf(configuration) : [];
  return {
    report: diagnosisView(diagnosis, { unresolved, claims, checked }),
    commands: commandsOf(request, observations),
  };
}

function claimsOf(configuration: ConfigurationReading | null): ConfigurationReading['claims'] {
  return configuration?.claims ?? [];
}

async function looked(
  { path }: DoctorRequest,
  { targets }: FoundDoors,
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  if (targets.length === 0) return [];
  const observations: Observation[] = [];
  const progress = meter('doctor', targets.length * LOOKS);
  try {
    for await (const one of examine({ targets, path, timeout: LOOK_TIME, signal })) {
      observations.push(one);
      progress.step();
    }
  } finally {
    progress.end();
  }
  return observations;
}

function commandsOf(request: DoctorRequest, observations: readonly Observation[]): Round['commands'] {
  const { identity, unwanted, verifiedHeader } = request;
  const given: Given = {
    identity: identity?.files ?? null,
    unwanted: unwanted.map(({ files }) => files),
    verifiedHeader,
  };
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
