import { z } from 'zod';
import { problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { HOSTNAME_PARAMS, paging } from '../../wire/schemas.ts';
import { SETUP, SETUP_BODY, SETUP_ENDED, SETUP_SUMMARY, stepView } from '../../wire/setups.ts';
import { findingWords } from '../attest/finding-title.ts';
import { pageOfMany, stretchOf } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, route, zoneRoute } from './route.ts';
import { setupSeen, setupSummaries, setupView } from './setup-view.ts';
import { typedHostnameIn } from './typed-in-zone.ts';

const PATH = '/postern/v1/zones/:zone/setups/:hostname';

const LIST = z.strictObject(paging({ minimum: 1, maximum: 100, otherwise: 20 }));

export const SETUP_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/setups',
    permission: 'ssl:read',
    takes: { query: LIST },
    answers: 'The set-ups of hostnames that are under way, the one that was changed last first, each with its step.',
    returns: pageOf(SETUP_SUMMARY),
    handle: async ({ query }, call) => {
      const { total, setups } = await call.plane.setups({ zones: 'all', accounts: 'all', ...stretchOf(query) });
      return pageOfMany(await setupSummaries(setups, call), { total, query }, (summary) => summary);
    },
  }),
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'What was chosen for the set-up of a hostname, and where it is: what it waits for, why, and what to do.',
    returns: one(SETUP),
    handle: async ({ params }, call) => {
      const hostname = typedHostnameIn(call.zone, params.hostname);
      if (isProblem(hostname)) return hostname;
      const setup = await call.plane.setup({ zone: call.zone.id, hostname });
      if (setup === null) return problem('setup_not_found', hostname);
      return { kind: 'answer', result: await setupView(setup, call) };
    },
  }),
  zoneRoute({
    method: 'PUT',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: HOSTNAME_PARAMS, body: SETUP_BODY },
    answers:
      'Begins a set-up of a hostname, or stores other choices for it. Nothing else is changed by it, and its step is never stored.',
    returns: one(SETUP),
    handle: async ({ params, body }, call) => {
      const hostname = typedHostnameIn(call.zone, params.hostname);
      if (isProblem(hostname)) return hostname;
      const others = body.choices.other_names?.map((text) => typedHostnameIn(call.zone, text)) ?? [];
      for (const [index, other] of others.entries())
        if (isProblem(other)) return { ...other, pointer: `/choices/other_names/${index}` };
      const kept = await call.plane.keepSetup({ zone: call.zone.id, hostname }, body.choices, call.actor);
      return isProblem(kept) ? kept : { kind: 'answer', result: await setupView(kept.setup, call) };
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'Lets go of a set-up, finished or not. What it brought about stays.',
    returns: one(SETUP_ENDED),
    handle: async ({ params }, call) => {
      const hostname = typedHostnameIn(call.zone, params.hostname);
      if (isProblem(hostname)) return hostname;
      const name = { zone: call.zone.id, hostname };
      const setup = await call.plane.setup(name);
      if (setup === null) return problem('setup_not_found', hostname);
      const { step } = await setupSeen(setup, call);
      const ended = await call.plane.endSetup(name, step.kind === 'proved', call.actor);
      return isProblem(ended) ? ended : { kind: 'answer', result: { hostname, step: stepView(step, findingWords) } };
    },
  }),
];
