import { placeWords } from '../../domain/proof.ts';
import type { View } from '../../wire/answer-fields.ts';
import type { ORIGIN_NAME, ROTATION } from '../../wire/rotations.ts';
import type { ApiAccess } from '../api.ts';
import { callApi, listAll } from '../api.ts';
import { Failure } from '../failure.ts';

/** A rotation as the API shows it. */
export type RotationFacts = View<typeof ROTATION>;

/** One origin, by its name. */
export type NamedOrigin = View<typeof ORIGIN_NAME>;

/** How far one origin is. */
export type RotatedOrigin = RotationFacts['origins'][number];

/** What one knock saw. */
export type SightFacts = NonNullable<RotatedOrigin['evidence']>['edges'][number]['addresses'][number]['no_certificate'];

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
