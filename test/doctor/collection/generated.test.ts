import { after, before, describe, test } from 'node:test';
import { instant } from '../../../src/domain/ids.ts';
import { readGiven } from '../../../src/doctor/credentials.ts';
import { diagnose } from '../../../src/doctor/diagnosis/diagnose.ts';
import { serverFacts } from '../../../src/origin/generate/server-facts.ts';
import { HOST, type LockedOrigin, startLocked, ZONE } from '../../servers/locked-origin.ts';
import { type LockedServer, traitsOf } from '../../servers/traits.ts';
import { needs } from '../../support/availability.ts';
import type { Credential } from '../../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../../support/pull-credentials.ts';
import { Applications } from './applications.ts';
import { listsOf, OPEN_NAME, SERVERS, type Variant, variantsFor, type World } from './generated-variants.ts';
import { fits, told } from './hold.ts';
import { look } from './look.ts';

/** Of what Postern itself writes, enforced, the doctor says that it is locked; of what only watches, that it is open. */

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

    for (const variant of variantsFor(server)) {
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

function handOf(credentials: PullCredentials, { pinned }: Variant) {
  const { right, wrong, next } = credentials;
  const { root, intermediate } = credentials.authority;
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
      lists: [listsOf(credentials)],
      made: {},
    },
    instant(Date.now()),
  );
  if (hand.kind === 'problem') throw new Error(hand.code);
  return hand;
}
