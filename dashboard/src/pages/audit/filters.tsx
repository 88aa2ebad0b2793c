import { useId, useState } from 'preact/hooks';
import { Button } from '../../parts/button.tsx';
import { MomentField } from '../../parts/moment-field.tsx';
import { inQuery, place, setQuery } from '../../route.tsx';
import { ACTIONS, actionText } from './actions.ts';

/** What the address says of which entries are shown. Each change begins at the newest again. */
const FILTERS = ['action', 'actor', 'zone', 'since', 'before'] as const;

/** Shows other entries: from the newest that fit. */
export function choose(changes: Partial<Record<(typeof FILTERS)[number], string | null>>): void {
  setQuery({ ...changes, cursor: null, entry: null });
}

/** The query of the API for what the address asks for; `zone` where the page is of one. */
export function auditQuery(zone: string | null): URLSearchParams {
  const { query } = place.value;
  const asked = new URLSearchParams();
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value !== null) asked.set(name, value);
  }
  if (zone !== null) asked.set('zone', zone);
  return asked;
}

/** Which entries are wanted: what was done, where, when, by whom. */
export function Filters({ inZone }: { readonly inZone: boolean }) {
  const { query } = place.value;
  const isFiltered = FILTERS.some((name) => query.has(name));
  const actor = query.get('actor');
  return (
    <search class="filters" aria-label="Filter of the audit log">
      <ActionChoice />
      {!inZone && <ZoneChoice key={query.get('zone')} />}
      <MomentField label="From" value={query.get('since') ?? ''} onChange={(since) => choose({ since })} />
      <MomentField label="Until" value={query.get('before') ?? ''} onChange={(before) => choose({ before })} />
      {isFiltered && (
        <div class="filters-acts">
          {actor !== null && (
            <span class="tag">
              Only by <span class="mono">{actor}</span>
            </span>
          )}
          <Button small onPress={() => choose(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
            Show everything
          </Button>
        </div>
      )}
    </search>
  );
}

function ActionChoice() {
  const id = useId();
  const action = inQuery('action') ?? '';
  const isKnown = action === '' || Object.values(ACTIONS).some((group) => Object.hasOwn(group, action));
  return (
    <div class="field">
      <label for={id}>What</label>
      <select id={id} value={action} onChange={(event) => choose({ action: event.currentTarget.value })}>
        <option value="">Everything</option>
        {!isKnown && <option value={action}>{actionText(action)}</option>}
        {Object.entries(ACTIONS).map(([group, actions]) => (
          <optgroup key={group} label={group}>
            {Object.entries(actions).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}

function ZoneChoice() {
  const id = useId();
  const [text, setText] = useState(place.peek().query.get('zone') ?? '');
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        choose({ zone: text.trim() });
      }}
    >
      <label for={id}>Zone</label>
      <input
        id={id}
        value={text}
        placeholder="All zones"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={() => text.trim() === (place.peek().query.get('zone') ?? '') || choose({ zone: text.trim() })}
      />
    </form>
  );
}
