import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instant } from '../../../src/domain/ids.ts';
import type { Ability } from '../../../src/origin/generate/abilities.ts';
import { serverFacts } from '../../../src/origin/generate/server-facts.ts';
import { crlPem, writeCrl } from '../../../src/pki/crl.ts';
import { HOST, type LockOptions, ZONE } from '../../servers/locked-origin.ts';
import type { LockedServer } from '../../servers/traits.ts';
import type { PullCredentials } from '../../support/pull-credentials.ts';
import type { Expected } from './case.ts';

const HOUR = 3_600_000;
/** The name that stays open, where there is one. */
export const OPEN_NAME = 'open.example.test';
/** Servers for which whole configurations are generated. */
export const SERVERS: readonly LockedServer[] = ['nginx', 'apache', 'haproxy', 'caddy', 'lighttpd', 'stunnel', 'node'];

/** What the variants are made of. */
export interface World {
  readonly credentials: PullCredentials;
  readonly blog: number;
}

/** One way in which a configuration is generated. */
export interface Variant {
  readonly name: string;
  readonly needs: readonly Ability[];
  readonly options: (world: World) => Partial<LockOptions>;
  readonly expected: Expected;
  /** Sees whether there is a pin: with what comes from the CA's key alone, one could not tell it from a lock out. */
  readonly pinned?: true;
}

const VARIANTS: readonly Variant[] = [
  { name: 'as it comes', needs: [], options: () => ({}), expected: { verdict: 'locked', refs: ['TT-11'] } },
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
    expected: { verdict: 'locked', without: ['TT-11'] },
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

/** Those that a server can have. */
export function variantsFor(server: LockedServer): readonly Variant[] {
  return VARIANTS.filter((one) => !one.needs.some((need) => serverFacts(server).cannot.includes(need)));
}

/** The lists of the zone's authorities; that of the one which issues names a certificate. */
export function listsOf({ authority: { root, intermediate } }: PullCredentials): string {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const times = { number: 1, thisUpdate: instant(now - HOUR), nextUpdate: instant(now + 24 * HOUR) };
  const revoked = [{ serial: '8f01', at: instant(now - HOUR), reason: 'keyCompromise' as const }];
  const lists = [writeCrl(root, { ...times, revoked: [] }), writeCrl(intermediate, { ...times, revoked })];
  return lists.map(crlPem).join('');
}
