import { isIP } from 'node:net';
import { exposed } from '../doctor/diagnosis/exposed.ts';
import { sawText } from '../doctor/diagnosis/told.ts';
import { lookAtAddress } from '../doctor/exposure/bare-look.ts';
import { nameServer } from '../doctor/exposure/name-server.ts';
import { USUAL_NAMES } from '../doctor/exposure/usual-names.ts';
import { lookAtZone } from '../doctor/exposure/zone-look.ts';
import { type Report, reportFinding } from '../doctor/view.ts';
import { hostname } from '../domain/ids.ts';
import { plainAddress } from '../pull/address-class.ts';
import { visible } from '../wire/visible.ts';
import { meter } from './doctor-meter.ts';
import type { Round } from './doctor-round.ts';
import { EXIT, Failure } from './failure.ts';
import { parseHostPort } from './host-port.ts';

/** What may be said on the command line about an exposure. */
export interface ExposureFlags {
  readonly exposure?: string;
  readonly resolver?: string;
  readonly sibling?: readonly string[];
  readonly originAddress?: readonly string[];
  readonly connect?: readonly string[];
  readonly path: string;
}

/** A round without a verdict on a lock: whether the address can be learnt. */
export interface ExposureRound extends Round {
  readonly report: Report & { readonly exposure: Exposure };
  readonly code: number;
}

/** What is told of a zone in place of a verdict. */
export interface Exposure {
  readonly zone: string;
  readonly resolver: string;
  /** Something leads to the origin, or may; null where too much went unanswered to say that nothing does. */
  readonly exposed: boolean | null;
}

interface ExposureRequest {
  readonly zone: string;
  readonly resolver: string;
  readonly siblings: readonly string[];
  readonly origins: readonly string[];
  readonly bare: readonly { readonly address: string; readonly port: number }[];
  readonly path: string;
}

const MOST_SIBLINGS = 200;
const MOST_ADDRESSES = 20;
const LOOK_TIME = 5_000;
const DNS_PORT = 53;

/** Looks how somebody would learn the origin's address. Asks the named resolver and the named addresses, nobody else. */
export async function exposureRound(flags: ExposureFlags, signal: AbortSignal): Promise<ExposureRound> {
  const { zone, resolver, siblings, origins, bare, path } = exposureRequest(flags);
  // Two questions for each name, and a few more.
  const progress = meter('exposure', { looks: (USUAL_NAMES.length + siblings.length) * 2 + 10, targets: null });
  try {
    const server = nameServer(resolver, signal);
    const [facts, looks] = await Promise.all([
      lookAtZone({ zone, siblings, server, step: progress.step }),
      Promise.all(bare.map((place) => lookAtAddress({ ...place, path, timeout: LOOK_TIME }))),
    ]);
    const findings = exposed({ ...facts, zone, origins, bare: looks }).map(reportFinding);
    const isExposed = findings.length > 0 ? true : facts.complete ? false : null;
    const { notChecked } = facts;
    const shown = looks.map(({ connect, saw }) => ({ probe: `look at ${connect}`, target: zone, saw: sawText(saw) }));
    const checked = [...facts.checked, ...shown].map((one) => ({ ...one, saw: visible(one.saw) }));
    const report = { verdict: 'unknown' as const, targets: [], findings, checked, notChecked };
    return {
      report: { ...report, exposure: { zone, resolver, exposed: isExposed } },
      commands: () => [],
      code: isExposed === null ? EXIT.undetermined : isExposed ? EXIT.notGood : EXIT.good,
    };
  } finally {
    progress.end();
  }
}

function exposureRequest(flags: ExposureFlags): ExposureRequest {
  const zone = named('--exposure', flags.exposure ?? '');
  const siblings = (flags.sibling ?? []).map((text) => siblingName(text, zone));
  if (siblings.length > MOST_SIBLINGS)
    throw new Failure(`--sibling is given ${siblings.length} times.`, `${MOST_SIBLINGS} is the most.`);
  for (const [flag, values] of [
    ['--connect', flags.connect],
    ['--origin-address', flags.originAddress],
  ] as const)
    if ((values ?? []).length > MOST_ADDRESSES)
      throw new Failure(`${flag} is given ${values?.length} times.`, `${MOST_ADDRESSES} is the most.`);
  const bare = (flags.connect ?? []).map((text) => {
    const { host, port } = parseHostPort(text, '--connect');
    return { address: address('--connect', host), port };
  });
  const given = (flags.originAddress ?? []).map((text) => address('--origin-address', text));
  const origins = [...new Set([...given, ...bare.map((one) => one.address)])];
  return { zone, resolver: resolverPlace(flags.resolver), siblings, origins, bare, path: flags.path };
}

function named(flag: string, text: string): string {
  const name = hostname(text);
  if (name !== null) return name;
  throw new Failure(`${flag} is ${JSON.stringify(text)}, which is not a name.`, 'Write it like example.test.');
}

// A label alone stands below the zone.
function siblingName(text: string, zone: string): string {
  return named('--sibling', text.includes('.') ? text : `${text}.${zone}`);
}

function address(flag: string, text: string): string {
  if (isIP(text) !== 0) return plainAddress(text);
  throw new Failure(
    `${flag}: ${JSON.stringify(text)} is not an IP address.`,
    'Write the address itself: to look up a name would ask another resolver than the one named.',
  );
}

function resolverPlace(text: string | undefined): string {
  if (text === undefined)
    throw new Failure(
      '--exposure does not say whom to ask.',
      'Name a resolver that you trust with these questions: --resolver ADDRESS[:PORT].',
    );
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const { host, port } = isIP(bare) === 0 ? parseHostPort(text, '--resolver') : { host: bare, port: DNS_PORT };
  const found = address('--resolver', host === 'localhost' ? '127.0.0.1' : host);
  return found.includes(':') ? `[${found}]:${port}` : `${found}:${port}`;
}
