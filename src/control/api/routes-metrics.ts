import { EXPOSITION_TYPE, exposition } from '../../wire/exposition.ts';
import { merge } from '../../wire/metrics.ts';
import { controlFigures } from '../figures.ts';
import { file } from './returns.ts';
import { localRoute, type Route } from './route.ts';

export const METRIC_ROUTES: readonly Route[] = [
  localRoute({
    method: 'GET',
    path: '/metrics',
    permission: 'metrics:read',
    takes: {},
    answers: 'Figures in the text format of Prometheus; docs/metrics.md says what each of them means.',
    returns: file('text/plain'),
    handle: async (_, { plane, now, figures }) => {
      const { total } = await figures();
      const own = merge(merge(controlFigures(plane, now), plane.attestationFigures()), await plane.noticeFigures());
      const text = exposition(merge(total, own));
      return { kind: 'document', status: 200, headers: { 'content-type': EXPOSITION_TYPE }, text };
    },
  }),
];
