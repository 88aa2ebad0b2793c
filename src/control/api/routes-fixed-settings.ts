import type { View } from '../../wire/answer-fields.ts';
import {
  FIXED_SETTING,
  type FixedSettingId,
  fixedFault,
  fixedRemark,
  fixedSettingView,
  UNIVERSAL_SSL,
  universalSslView,
} from '../../wire/fixed-settings.ts';
import { remark } from '../../wire/messages.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { FIXED_SETTING_EDIT } from '../../wire/schemas-settings.ts';
import type { Permission } from './permissions.ts';
import { one, type Returns } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

/** A setting from which nothing follows: the harmless value is accepted, every other is refused, both say why. */
interface FixedSetting {
  readonly id: FixedSettingId;
  readonly path: string;
  readonly permissions: { readonly read: Permission; readonly edit: Permission };
  /** What it is about, in the middle of a sentence. */
  readonly words: string;
  readonly returns: Returns<Answer<FixedView>>;
  readonly view: (call: ZoneCall) => FixedView;
}

type FixedView = View<typeof FIXED_SETTING> | View<typeof UNIVERSAL_SSL>;

const SETTINGS = { read: 'settings:read', edit: 'settings:edit' } as const;

const FIXED: readonly FixedSetting[] = [
  setting('auto_origin_tls_kex', 'a key exchange chosen for each origin'),
  setting('ssl_automatic_mode', 'an SSL mode that changes by itself'),
  setting('ssl_recommender', 'mails that recommend an SSL mode'),
  {
    id: 'universal_ssl',
    path: '/client/v4/zones/:zone/ssl/universal/settings',
    permissions: { read: 'ssl:read', edit: 'ssl:edit' },
    words: 'a certificate for visitors that every zone has',
    returns: one(UNIVERSAL_SSL),
    view: universalSslView,
  },
];

export const FIXED_SETTING_ROUTES: readonly Route[] = FIXED.flatMap((fixed) => [
  zoneRoute({
    method: 'GET',
    path: fixed.path,
    permission: fixed.permissions.read,
    takes: { params: ZONE_PARAMS },
    answers: `There is no choice here about ${fixed.words}: the one value, and why in messages.`,
    returns: fixed.returns,
    handle: (_, call) => asItIs(fixed, call),
  }),
  zoneRoute({
    method: 'PATCH',
    path: fixed.path,
    permission: fixed.permissions.edit,
    takes: { params: ZONE_PARAMS, body: FIXED_SETTING_EDIT },
    answers: 'Accepts the value that it has, and refuses every other.',
    returns: fixed.returns,
    handle: ({ body: { value, enabled } }, call) => fixedFault(fixed.id, { value, enabled }) ?? asItIs(fixed, call),
  }),
]);

function setting(id: Exclude<FixedSettingId, 'universal_ssl'>, words: string): FixedSetting {
  const path = `/client/v4/zones/:zone/settings/${id}`;
  return {
    id,
    path,
    permissions: SETTINGS,
    words,
    returns: one(FIXED_SETTING),
    view: ({ zone }) => fixedSettingView(id, zone),
  };
}

function asItIs({ id, view }: FixedSetting, call: ZoneCall): Answer<FixedView> {
  return { kind: 'answer', result: view(call), messages: [remark(fixedRemark(id))] };
}
