/** The problems of channels for notices, provoked from outside: see problems.test.ts. */

import type { ProblemCode } from '../../src/domain/problems.ts';
import { type Answer, type Control, startControl } from './control.ts';

interface Ground {
  readonly call: Control['call'];
}

type Provocation = (ground: Ground) => Promise<Pick<Answer, 'status' | 'errors'>>;

const PATH = '/postern/v1/notice_channels';
const HOOK = { name: 'ops', kind: 'webhook', url: 'https://hooks.example.test/' };

export const NOTICE_PROVOKED = {
  channel_not_found: ({ call }) => call('GET', `${PATH}/${'0'.repeat(32)}`),
  too_many_channels: async () => {
    await using full = await startControl({}, { noticeChannels: 1 });
    await full.call('POST', PATH, HOOK);
    return await full.call('POST', PATH, HOOK);
  },
  webhook_refused: ({ call }) => call('POST', PATH, { ...HOOK, url: 'https://169.254.169.254/' }),
  no_mail_server: ({ call }) => call('POST', PATH, { name: 'ops', kind: 'email', to: 'ops@example.test' }),
  tested_just_now: async ({ call }) => {
    const { result } = await call<{ id: string }>('POST', PATH, HOOK);
    await call('POST', `${PATH}/${result.id}/test`);
    return call('POST', `${PATH}/${result.id}/test`);
  },
} as const satisfies Readonly<Partial<Record<ProblemCode, Provocation>>>;
