import { useState } from 'preact/hooks';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Switch } from '../../parts/switch.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { Effect } from './effect.tsx';
import { bodyOf, draftOf, lasting, limitsPath, type RateLimit, requestText } from './rate-limit.ts';
import { RateLimitForm } from './rate-limit-form.tsx';

/** As many as a zone can have. */
const ALL_OF_THEM = 100;

/** How often one visitor may ask. */
export function RateLimits({ zone }: { readonly zone: Zone }) {
  const path = `${limitsPath(zone.id)}?per_page=${ALL_OF_THEM}`;
  const [limits, refresh] = useResource<readonly RateLimit[]>(path, { on: inZone(zone.id) });
  const [editing, setEditing] = useState<RateLimit | 'new' | null>(null);
  const guarded = useGuarded(zone.id);
  const close = (changed: boolean) => {
    setEditing(null);
    if (changed) refresh();
  };
  return (
    <Panel
      title="Rate limits"
      about="How often one address may ask for something. Every limit that a request fits counts it."
      aside={may('firewall:edit') && <Button onPress={() => setEditing('new')}>Add a limit</Button>}
    >
      <Awaited
        of={limits}
        retry={refresh}
        lines={4}
        empty={<p>Every visitor may ask as often as they like. Add a limit for what is costly, such as a login.</p>}
      >
        {(rows) => (
          <Table
            caption="Rate limits"
            keyOf={({ id }) => id}
            rows={rows}
            columns={columns({ zone, edit: setEditing, guarded, refresh })}
          />
        )}
      </Awaited>
      {editing !== null && <RateLimitForm zone={zone} limit={editing === 'new' ? null : editing} onClose={close} />}
      {guarded.view}
    </Panel>
  );
}

interface Hands {
  readonly zone: Zone;
  readonly edit: (limit: RateLimit) => void;
  readonly guarded: ReturnType<typeof useGuarded>;
  readonly refresh: () => void;
}

function columns(hands: Hands): readonly Column<RateLimit>[] {
  const { toggle, remove } = deeds(hands);
  const mayEdit = may('firewall:edit');
  return [
    {
      title: 'Requests for',
      names: true,
      cell: (limit) => (
        <span class="stack">
          <span class="mono break">{limit.match.request.url}</span>
          <span class="hint">{[requestText(limit), limit.description].filter((text) => text !== '').join(' – ')}</span>
        </span>
      ),
    },
    {
      title: 'Allowed',
      cell: ({ threshold, period, characteristics }) => (
        <span class="stack">
          <span>
            {threshold.toLocaleString()} in {lasting(period)}
          </span>
          <span class="hint">by address{characteristics.includes('http.host') && ' and hostname'}</span>
        </span>
      ),
    },
    { title: 'Whoever asks more often is', optional: true, cell: (limit) => <Outcome {...limit} /> },
    {
      title: 'In force',
      cell: (limit) =>
        mayEdit ? (
          <Switch
            hideLabel
            label={`In force: the limit for ${limit.match.request.url}`}
            on={!limit.disabled}
            onChange={(on) => toggle(limit, on)}
          />
        ) : limit.disabled ? (
          'No'
        ) : (
          'Yes'
        ),
    },
    ...(mayEdit ? [actions(hands, remove)] : []),
  ];
}

function Outcome({ disabled, action: { mode, timeout } }: RateLimit) {
  if (disabled) return <Effect kind="off">not counted</Effect>;
  if (mode === 'simulate') return <Effect kind="watch">only logged</Effect>;
  return <Effect kind="refuse">turned away for {lasting(timeout)}</Effect>;
}

function actions({ edit }: Hands, remove: (limit: RateLimit) => void): Column<RateLimit> {
  return {
    title: 'Actions',
    align: 'end',
    cell: (limit) => {
      const { url } = limit.match.request;
      return (
        <span class="row end">
          <Button small kind="quiet" label={`Change the limit for ${url}`} onPress={() => edit(limit)}>
            Change
          </Button>
          <Button small kind="quiet" label={`Delete the limit for ${url}`} onPress={() => remove(limit)}>
            Delete
          </Button>
        </span>
      );
    },
  };
}

function deeds({ zone, guarded, refresh }: Hands) {
  const path = ({ id }: RateLimit) => `${limitsPath(zone.id)}/${id}`;
  return {
    toggle: (limit: RateLimit, on: boolean) =>
      guarded.begin({
        title: `The limit for ${limit.match.request.url}`,
        act: on ? 'Put it in force' : 'Switch it off',
        done: on ? 'The limit is in force.' : 'The limit counts nothing any more.',
        call: { method: 'PUT', path: path(limit), body: bodyOf(draftOf(limit), !on) },
        change: { kind: 'rate_limit_put', rule: limit.id, change: bodyOf(draftOf(limit), !on) },
        onDone: refresh,
      }),
    remove: (limit: RateLimit) =>
      guarded.begin({
        title: `Delete the limit for ${limit.match.request.url}`,
        act: 'Delete it',
        done: 'The limit is gone.',
        call: { method: 'DELETE', path: path(limit) },
        change: { kind: 'rate_limit_delete', rule: limit.id },
        final: true,
        onDone: refresh,
      }),
  };
}
