import { type Hostname, zoneId } from '../domain/ids.ts';
import { typedHostname } from '../wire/names.ts';
import { type ApiAccess, callApi, isRefusal, listAll } from './api.ts';
import { Failure } from './failure.ts';
import { didYouMean } from './nearest.ts';

/** A zone as the API shows it, as far as commands need it. */
export interface ZoneFacts {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly paused: boolean;
  readonly created_on: string;
  readonly account: { readonly id: string; readonly name: string };
}

const MOST_ZONES = 50;
const NO_SUCH_ZONE = 7003;

/** All zones, in the order of the API. `query` begins with `?`. */
export async function allZones(access: ApiAccess, query = ''): Promise<readonly ZoneFacts[]> {
  return (await listAll<ZoneFacts>(access, `/client/v4/zones${query}`, MOST_ZONES)).result;
}

/** The zone of that name or id. */
export async function zoneNamed(access: ApiAccess, text: string): Promise<ZoneFacts> {
  const id = zoneId(text.toLowerCase());
  if (id !== null) {
    return (await callApi<ZoneFacts>(access, 'GET', `/client/v4/zones/${id}`).catch(unknownId(text))).result;
  }
  const name = typedHostname(text);
  if (name === null) {
    throw new Failure(
      `${JSON.stringify(text)} is neither the name nor the id of a zone.`,
      'Write it like example.test.',
    );
  }
  const found = await named(access, name);
  if (found !== undefined) return found;
  const names = (await allZones(access)).map((zone) => zone.name);
  const parent = names.find((zone) => name.endsWith(`.${zone}`));
  const hint = parent === undefined ? didYouMean(name, names) : `It is a name in the zone ${parent}. `;
  throw new Failure(`There is no zone ${name}.`, `${hint}"postern zones list" shows those that exist.`);
}

/** The zone that a hostname lies in: the longest that fits. */
async function zoneHolding(access: ApiAccess, hostname: string): Promise<ZoneFacts> {
  const name = knownHostname(hostname);
  const labels = name.replace(/^\*\./, '').split('.');
  for (let first = 0; first < labels.length - 1; first++) {
    const candidate = typedHostname(labels.slice(first).join('.'));
    const found = candidate === null ? undefined : await named(access, candidate);
    if (found !== undefined) return found;
  }
  throw new Failure(`No zone holds the name ${name}.`, '"postern zones list" shows the zones that exist.');
}

/** The zone that was named, or else the one that holds the hostname. */
export function zoneOf(access: ApiAccess, zone: string | undefined, hostname: string): Promise<ZoneFacts> {
  return zone === undefined ? zoneHolding(access, hostname) : zoneNamed(access, zone);
}

async function named(access: ApiAccess, name: Hostname): Promise<ZoneFacts | undefined> {
  return (await callApi<readonly ZoneFacts[]>(access, 'GET', `/client/v4/zones?name=${name}`)).result[0];
}

function knownHostname(text: string): string {
  const name = text.startsWith('*.') ? typedHostname(text.slice(2)) : typedHostname(text);
  if (name !== null) return text.startsWith('*.') ? `*.${name}` : name;
  throw new Failure(`${JSON.stringify(text)} is not a hostname.`, 'Write it like www.example.test.');
}

function unknownId(text: string): (error: unknown) => never {
  return (error) => {
    if (!isRefusal(error, NO_SUCH_ZONE)) throw error;
    throw new Failure(`There is no zone with the id ${text}.`, '"postern zones list" shows those that exist.');
  };
}
