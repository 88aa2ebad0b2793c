import { useState } from 'preact/hooks';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Search } from '../../parts/search.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { inQuery } from '../../route.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { type AccessRule, rulesPath } from './access-rule.ts';
import { AccessRuleForm } from './access-rule-form.tsx';
import { Effect } from './effect.tsx';

const PER_PAGE = 25;

/** Who may visit, by address. */
export function AccessRules({ zone }: { readonly zone: Zone }) {
  const search = inQuery('q') ?? '';
  const query = new URLSearchParams({ page: String(pageNumber()), per_page: String(PER_PAGE) });
  if (search !== '') {
    query.set('match', 'any');
    query.set('notes', search);
    query.set('configuration.value', search);
  }
  const path = `${rulesPath(zone.id)}?${query}`;
  const [rules, refresh] = useResource<readonly AccessRule[]>(path, { on: inZone(zone.id) });
  const [editing, setEditing] = useState<AccessRule | 'new' | null>(null);
  const guarded = useGuarded(zone.id);
  const close = (changed: boolean) => {
    setEditing(null);
    if (changed) refresh();
  };
  return (
    <Panel
      title="Access rules"
      about="Which visitors are turned away, and whom nothing turns away. The edge decides before it pulls."
      aside={
        <>
          <Search label="Search by note or network" />
          {may('firewall:edit') && <Button onPress={() => setEditing('new')}>Add a rule</Button>}
        </>
      }
    >
      <Awaited
        of={rules}
        retry={refresh}
        lines={4}
        empty={
          <p>
            {search === ''
              ? 'Every address is let in. Add a rule to block a network, or to exempt one from the limits.'
              : 'No rule has this in its note, or is about this network.'}
          </p>
        }
      >
        {(rows, info) => (
          <>
            <Table
              caption="Access rules"
              keyOf={({ id }) => id}
              rows={rows}
              columns={columns({ zone, edit: setEditing, guarded, refresh })}
            />
            <Pager info={info} what="access rules" />
          </>
        )}
      </Awaited>
      {editing !== null && <AccessRuleForm zone={zone} rule={editing === 'new' ? null : editing} onClose={close} />}
      {guarded.view}
    </Panel>
  );
}

interface Hands {
  readonly zone: Zone;
  readonly edit: (rule: AccessRule) => void;
  readonly guarded: ReturnType<typeof useGuarded>;
  readonly refresh: () => void;
}

function columns({ zone, edit, guarded, refresh }: Hands): readonly Column<AccessRule>[] {
  const remove = ({ id, configuration: { value } }: AccessRule) =>
    guarded.begin({
      title: `Delete the rule for ${value}`,
      act: 'Delete it',
      done: `The rule for ${value} is gone.`,
      call: { method: 'DELETE', path: `${rulesPath(zone.id)}/${id}` },
      change: { kind: 'access_rule_delete', rule: id },
      final: true,
      onDone: refresh,
    });
  return [
    {
      title: 'Address or network',
      names: true,
      cell: ({ configuration, notes }) => (
        <span class="stack">
          <span class="mono break">{configuration.value}</span>
          {notes !== '' && <span class="hint break">{notes}</span>}
        </span>
      ),
    },
    {
      title: 'Visitors are',
      cell: ({ mode }) =>
        mode === 'block' ? <Effect kind="refuse">Blocked</Effect> : <Effect kind="pass">Let in</Effect>,
    },
    { title: 'Changed', optional: true, cell: ({ modified_on }) => <Moment at={modified_on} /> },
    ...(may('firewall:edit')
      ? [
          {
            title: 'Actions',
            align: 'end',
            cell: (rule: AccessRule) => (
              <span class="row end">
                <Button
                  small
                  kind="quiet"
                  label={`Change the rule for ${rule.configuration.value}`}
                  onPress={() => edit(rule)}
                >
                  Change
                </Button>
                <Button
                  small
                  kind="quiet"
                  label={`Delete the rule for ${rule.configuration.value}`}
                  onPress={() => remove(rule)}
                >
                  Delete
                </Button>
              </span>
            ),
          } as const,
        ]
      : []),
  ];
}
