import { placeWords } from '../../domain/proof.ts';
import type { ApiAccess } from '../api.ts';
import { callApi, listAll } from '../api.ts';
import { Failure } from '../failure.ts';

/** A rotation as the API shows it. */
export interface RotationFacts {
  readonly id: string;
  readonly what: string;
  readonly cause: string;
  readonly rehearsal: boolean;
  readonly phase: string;
  readonly outcome: string | null;
  readonly because: string;
  readonly waits_for: string;
  readonly waits_text: string;
  readonly paused: boolean;
  readonly started_on: string;
  readonly phase_since: string;
  readonly old_ca_until: string | null;
  readonly ended_on: string | null;
  readonly certificates: readonly { readonly old_id: string; readonly new_id: string }[];
  readonly pace: Readonly<Record<string, number>>;
  readonly counts: { readonly origins: number; readonly switched: number; readonly held: number };
  readonly origins: readonly RotatedOrigin[];
  readonly history: readonly HistoryLine[];
}

/** One origin, by its name. */
export interface NamedOrigin {
  readonly hostname: string;
  readonly address: string;
  readonly port: number;
  readonly server_name: string | null;
  readonly host_header: string | null;
}

/** How far one origin is. */
export interface RotatedOrigin extends NamedOrigin {
  readonly shows: 'old' | 'new';
  readonly how: string | null;
  readonly switched_on: string | null;
  readonly finding: string;
  readonly text: string;
  readonly fix: string;
  readonly reverted: string | null;
  readonly pulls: { readonly answered: number; readonly refused: number };
  readonly evidence: {
    readonly at: string;
    readonly edges: readonly {
      readonly edge: string;
      readonly fault: string | null;
      readonly addresses: readonly {
        readonly ip: string;
        readonly old_certificate: SightFacts;
        readonly new_certificate: SightFacts;
        readonly no_certificate: SightFacts;
      }[];
    }[];
  } | null;
}

/** What one knock saw. */
export interface SightFacts {
  readonly saw: 'answered' | 'refused' | 'failed';
  readonly status?: number;
  readonly how?: string;
  readonly alert?: number | null;
  readonly because?: string;
}

interface HistoryLine {
  readonly at: string;
  readonly did: string;
  readonly by: string;
  readonly because: string;
  readonly origins: readonly NamedOrigin[];
}

/** Where an origin is, for people, and by which names it is called there. */
export function placeOf({ address, port, server_name, host_header }: NamedOrigin): string {
  return placeWords({ address, port, serverName: server_name, hostHeader: host_header });
}

const MOST_AT_ONCE = 50;

/** Where the API keeps the rotations of a zone. */
export function rotationsPath(zone: string, id?: string): string {
  return `/postern/v1/zones/${zone}/rotations${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;
}

/** Those of a zone, the newest first. */
export async function listRotations(access: ApiAccess, zone: string): Promise<readonly RotationFacts[]> {
  return (await listAll<RotationFacts>(access, rotationsPath(zone), MOST_AT_ONCE)).result;
}

/** The one that is named, else the newest of the zone. */
export async function chosenRotation(access: ApiAccess, zone: string, id: string): Promise<RotationFacts> {
  if (id !== '') return (await callApi<RotationFacts>(access, 'GET', rotationsPath(zone, id))).result;
  const [newest] = (await callApi<readonly RotationFacts[]>(access, 'GET', `${rotationsPath(zone)}?per_page=1`)).result;
  if (newest !== undefined) return newest;
  throw new Failure('The zone never had a rotation.', 'Start one: postern rotations start --zone ZONE --what leaf.');
}
