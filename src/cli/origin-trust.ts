import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hostname } from '../domain/ids.ts';
import type { UnservedName } from '../origin/install/edge-service.ts';
import { readBundle } from '../pki/bundle.ts';
import { effect, type HostnameTrust } from '../wire/hostname-trust.ts';
import type { ApiAccess } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import { didYouMean } from './nearest.ts';
import { plannedTrust } from './origin-plan.ts';
import { unservedNames } from './unserved-names.ts';
import { allZones, zoneNamed } from './zone-lookup.ts';

/** What all hostnames of one lock trust. */
export interface OriginTrust {
  readonly zone: string;
  /** Where the control plane said. */
  readonly zoneId: string | null;
  readonly kind: 'zone' | 'shared';
  /** The bundle. */
  readonly text: string;
  /** PEM of the certificates that the edge presents, for pinning. */
  readonly pins: readonly string[];
  readonly names: readonly string[];
  readonly messages: readonly string[];
  readonly controlPlane: { readonly url: string; readonly ca: string | null } | null;
  /** Names that the edge does not serve, as far as the control plane was asked. */
  readonly unserved: readonly UnservedName[];
}

interface TrustFlags {
  readonly hostname: readonly string[];
  readonly zone?: readonly string[];
  readonly bundle?: string;
  readonly apiCa?: string;
}

/** From a file where one is given, which needs no control plane; else as the control plane says for every hostname. */
export async function originTrust(flags: TrustFlags, access: () => ApiAccess): Promise<OriginTrust> {
  return flags.bundle === undefined ? askedTrust(flags, access()) : fileTrust(flags, flags.bundle);
}

async function askedTrust({ hostname: names, zone, apiCa }: TrustFlags, access: ApiAccess): Promise<OriginTrust> {
  const zones =
    zone === undefined ? await allZones(access) : await Promise.all(zone.map((one) => zoneNamed(access, one)));
  if (zone === undefined) for (const name of names) mustBeHeld(name, zones);
  const ca = apiCa ?? process.env['POSTERN_API_CA'];
  const asked = await Promise.all(names.map((name) => plannedTrust(access, name.replace(/^\*\./, 'any.'), zones)));
  const [first] = asked;
  const other = asked.find((one) => one.text !== first?.text);
  if (first === undefined || other !== undefined) {
    throw new Failure(
      `The hostnames trust different CAs (${first?.zone ?? 'none'} and ${other?.zone ?? 'none'}), and a lock is for one.`,
      `Run it once for each zone, with the hostnames of that zone (${apart(names, asked)}). A virtual host that answers for both has to be parted first: its lock lets in either.`,
    );
  }
  const zoneId = zones.find((one) => one.name === first.zone)?.id ?? null;
  const held = zoneId === null ? null : { access, zone: { id: zoneId, name: first.zone }, apiCa };
  return {
    zone: first.zone,
    zoneId,
    unserved:
      held === null
        ? []
        : await unservedNames(
            held,
            names.flatMap((name, index) => (asked[index] === undefined ? [] : [{ name, https: asked[index].https }])),
          ),
    kind: first.kind,
    text: first.text,
    pins: [...new Set(asked.flatMap(({ pins }) => pins))],
    // What the edge sends as SNI in a hostname's stead must be answered by the same virtual host.
    names: [...new Set(asked.flatMap((one) => one.names))],
    messages: saidOf(names, asked),
    controlPlane: { url: access.base, ca: ca === undefined || ca === '' ? null : resolve(ca) },
  };
}

function apart(names: readonly string[], asked: readonly { readonly zone: string }[]): string {
  const zones = [...new Set(asked.map(({ zone }) => zone))];
  return zones
    .map((zone) => `${zone}: ${names.filter((_, index) => asked[index]?.zone === zone).join(', ')}`)
    .join('; ');
}

// What holds for some of the names only says for which.
function saidOf(names: readonly string[], asked: readonly Pick<HostnameTrust, 'messages' | 'https'>[]) {
  // What the edge does not serve is told on its own, with what mends it.
  const apart = new Set(asked.flatMap(({ https }) => effect(https)));
  const messages = new Set(asked.flatMap((one) => one.messages).filter((message) => !apart.has(message)));
  return [...messages].map((message) => {
    const about = names.filter((_, index) => asked[index]?.messages.includes(message));
    return about.length === names.length ? message : `${about.join(', ')}: ${message}`;
  });
}

// Nobody gave a zone, so none may be blamed.
function mustBeHeld(name: string, zones: readonly { readonly name: string }[]): void {
  const bare = name.toLowerCase().replace(/^\*\./, '').replace(/\.$/, '');
  const names = zones.map((one) => one.name);
  if (names.some((one) => bare === one || bare.endsWith(`.${one}`))) return;
  const below = bare.slice(bare.indexOf('.') + 1);
  throw new Failure(
    `No zone holds the name ${JSON.stringify(name)} (--hostname).`,
    `${didYouMean(below, names)}"postern zones list" shows the zones that exist.`,
  );
}

function fileTrust({ hostname: names, zone }: TrustFlags, file: string): OriginTrust {
  const named = zone?.[0] ?? names[0] ?? '';
  const found = hostname(named.replace(/^\*\./, ''));
  if (found === null) throw new Failure(`${JSON.stringify(named)} is not a name.`, 'Write it like www.example.test.');
  try {
    const text = readFileSync(resolve(file), 'utf8');
    readBundle(text);
    return {
      zone: found,
      zoneId: null,
      kind: 'zone',
      text,
      pins: [],
      names,
      messages: [],
      controlPlane: null,
      unserved: [],
    };
  } catch (error) {
    throw new Failure(
      `--bundle ${file} is not a usable trust bundle: ${error instanceof Error ? error.message : String(error)}.`,
      'Name the file that "postern ca bundle" wrote.',
      EXIT.notGood,
    );
  }
}
