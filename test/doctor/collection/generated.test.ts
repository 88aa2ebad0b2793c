import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { instant } from '../../../src/domain/ids.ts';
import { readGiven } from '../../../src/doctor/credentials.ts';
import { diagnose } from '../../../src/doctor/diagnosis/diagnose.ts';
import type { Ability } from '../../../src/origin/generate/abilities.ts';
import { serverFacts } from '../../../src/origin/generate/server-facts.ts';
import { crlPem, writeCrl } from '../../../src/pki/crl.ts';
import { HOST, type LockedOrigin, type LockOptions, startLocked, ZONE } from '../../servers/locked-origin.ts';
import { type LockedServer, traitsOf } from '../../servers/traits.ts';
import { needs } from '../../support/availability.ts';
import type { Credential } from '../../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../../support/pull-credentials.ts';
import { Applications } from './applications.ts';
import type { Expected } from './case.ts';
import { fits, told } from './hold.ts';
import { look } from './look.ts';

/** Of what Postern itself writes, enforced, the doctor says that it is locked; of what only watches, that it is open. */

const HOUR = 3_600_000;
const OPEN_NAME = 'open.example.test';
const SERVERS: readonly LockedServer[] = ['nginx', 'apache', 'haproxy', 'caddy', 'lighttpd', 'stunnel', 'node'];

interface World {
  readonly credentials: PullCredentials;
  readonly blog: number;
}

interface Variant {
  readonly name: string;
  readonly needs: readonly Ability[];
  readonly options: (world: World) => Partial<LockOptions>;
  readonly expected: Expected;
  /** Sees whether there is a pin: with what comes from the CA's key alone, one could not tell it from a lock out. */
  readonly pinned?: true;
}

const VARIANTS: readonly Variant[] = [
  { name: 'as it comes', needs: [], options: () => ({}), expected: { verdict: 'locked' } },
  {
    name: 'with lists of revoked certificates',
    needs: ['crl'],
    options: ({ credentials }) => ({
      request: ({ directory }) => {
        const crl = join(directory, 'lists.crl');
        writeFileSync(crl, listsOf(credentials));
        return { crl };
      },
    }),
    expected: { verdict: 'locked' },
  },
  {
    name: 'with a pin under an authority that others share',
    needs: ['shared'],
    options: ({ credentials }) => ({
      request: ({ directory }) => ({
        bundle: { kind: 'shared', path: join(directory, 'bundle.pem'), pins: [credentials.right.cert] },
      }),
    }),
    expected: { verdict: 'locked' },
    pinned: true,
  },
  {
    name: 'with two zones and an open name',
    needs: ['several_zones', 'open_names'],
    options: ({ blog }) => ({
      several: ({ directory, application }) => ({
        sites: [
          {
            zone: ZONE,
            hostnames: [HOST],
            bundle: { kind: 'zone', path: join(directory, 'bundle.pem') },
            upstream: `http://127.0.0.1:${application.port}`,
          },
          {
            zone: 'other.test',
            hostnames: ['shop.other.test'],
            bundle: { kind: 'zone', path: join(directory, 'neighbour.pem') },
            upstream: `http://127.0.0.1:${blog}`,
          },
        ],
        openNames: [{ hostname: OPEN_NAME, upstream: `http://127.0.0.1:${blog}` }],
      }),
      request: ({ directory }) => ({ runtimeDirectory: directory }),
    }),
    expected: { verdict: 'locked' },
  },
  {
    name: 'that only watches',
    needs: ['watch'],
    options: () => ({
      request: ({ directory }) => ({ mode: 'watch', runtimeDirectory: directory }),
    }),
    expected: { verdict: 'open', refs: ['NE-02'], also: ['NE-03'] },
  },
];

for (const server of SERVERS) {
  void describe(`the doctor at what is generated for ${server}`, {
    ...needs(traitsOf(server).program),
    concurrency: 3,
  }, () => {
    const applications = new Applications();
    let world: World;
    before(async () => {
      world = { credentials: await pullCredentials(ZONE, Date.now()), blog: await applications.port('blog') };
    });
    after(() => applications[Symbol.asyncDispose]());

    for (const variant of VARIANTS.filter(
      (one) => !one.needs.some((need) => serverFacts(server).cannot.includes(need)),
    )) {
      void test(variant.name, () => holdVariant(server, variant, world));
    }
  });
}

async function holdVariant(server: LockedServer, variant: Variant, world: World): Promise<void> {
  const { credentials } = world;
  await using origin = await startLocked(server, { credentials, ...variant.options(world) });
  const several = variant.needs.includes('open_names');
  const examined = await look({
    targets: targetsOf(server, origin),
    hand: handOf(credentials, variant),
    otherNames: several ? [OPEN_NAME] : [],
    ...(traitsOf(server).knowsHttp ? { header: 'X-Postern-Verified' } : {}),
  });
  const diagnosis = diagnose(examined);
  fits(variant.expected, diagnosis, () => told(diagnosis));
}

function targetsOf(server: LockedServer, { tlsPort, httpPort }: LockedOrigin) {
  const at = { host: HOST, address: '127.0.0.1' };
  const front = { ...at, port: tlsPort, door: 'https' } as const;
  return serverFacts(server).cannot.includes('redirect')
    ? [front]
    : [front, { ...at, port: httpPort, door: 'other' } as const];
}

function handOf({ right, wrong, authority: { root, intermediate }, next }: PullCredentials, { pinned }: Variant) {
  const neighbour = wrong["neighbour zone's valid certificate"];
  const unwanted: readonly (Credential | null)[] = pinned === true ? [neighbour, next] : [neighbour];
  const hand = readGiven(
    {
      identity: right,
      unwanted: unwanted.filter((one) => one !== null),
      authority: {
        cert: intermediate.certificate.pem + root.certificate.pem,
        key: intermediate.key.reveal(),
      },
      made: {},
    },
    instant(Date.now()),
  );
  if (hand.kind === 'problem') throw new Error(hand.code);
  return hand;
}

function listsOf({ authority: { root, intermediate } }: PullCredentials): string {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const times = { number: 1, thisUpdate: instant(now - HOUR), nextUpdate: instant(now + 24 * HOUR), revoked: [] };
  return [root, intermediate].map((one) => crlPem(writeCrl(one, times))).join('');
}
