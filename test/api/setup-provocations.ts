/** The problems of setting origins up, provoked from outside: see problems.test.ts. */

import { configureOrigin } from '../../src/cli/origin-configurator.ts';
import type { ProblemCode } from '../../src/domain/problems.ts';
import { type Answer, type Control, startControl } from './control.ts';

interface Ground {
  readonly call: Control['call'];
  readonly zone: string;
  readonly name: string;
}

type Provocation = (ground: Ground) => Promise<Pick<Answer, 'status' | 'errors'>>;

export const SETUP_PROVOKED = {
  origin_config_off: ({ call, zone, name }) =>
    call('POST', `/postern/v1/zones/${zone}/origin_config`, { server: 'nginx', hostnames: [`www.${name}`] }),
  origin_config_refused: async ({ name }) => {
    await using able = await startControl({ configureOrigin });
    const { id } = await able.made('POST', '/zones', { name });
    const wish = { server: 'nginx', hostnames: [`www.${name}`], upstream: 'ftp://127.0.0.1' };
    return await able.call('POST', `/postern/v1/zones/${id}/origin_config`, wish);
  },
  setup_not_found: ({ call, zone, name }) => call('GET', `/postern/v1/zones/${zone}/setups/www.${name}`),
} as const satisfies Readonly<Partial<Record<ProblemCode, Provocation>>>;
