import { useState } from 'preact/hooks';
import { NOTICE_CODES, type Notice } from '../../api/notice.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Choices } from '../../parts/choices.tsx';
import { useKept } from '../../parts/kept.ts';
import { NoticeList } from '../../parts/notice-list.tsx';
import { Panel } from '../../parts/panel.tsx';
import { inQuery, place, setQuery } from '../../route.tsx';

const PER_PAGE = 30;

const SEVERITIES = [
  { value: '', text: 'All' },
  { value: 'warning', text: 'Warnings and worse' },
  { value: 'critical', text: 'Critical' },
] as const;

const FILTERS = ['severity', 'zone', 'code', 'cursor'] as const;

/** Notices, the newest first; filtered by the server, a page at a time. */
export function NoticesPanel() {
  const { query } = place.value;
  const asked = new URLSearchParams({ limit: String(PER_PAGE) });
  for (const name of FILTERS) {
    const value = query.get(name) ?? '';
    if (value !== '') asked.set(name, value);
  }
  const [found, refresh] = useResource<readonly Notice[]>(`/postern/v1/notices?${asked}`, {
    on: ({ kind }) => kind === 'notice',
  });
  const notices = useKept(found);
  const isFiltered = FILTERS.some((name) => query.has(name));
  return (
    <Panel title="Said of late" aside={<ZoneFilter />}>
      <div class="notices-filters">
        <Choices
          label="Severity"
          options={SEVERITIES}
          value={query.get('severity') ?? ''}
          onChange={(severity) => setQuery({ severity, cursor: null })}
        />
        <label class="notices-about">
          About{' '}
          <select
            value={query.get('code') ?? ''}
            onChange={(event) => setQuery({ code: event.currentTarget.value, cursor: null })}
          >
            <option value="">Everything</option>
            {NOTICE_CODES.map(({ value, text }) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Awaited of={notices} retry={refresh} lines={8} empty={<Nothing isFiltered={isFiltered} />}>
        {(rows, info) => (
          <>
            <NoticeList notices={rows} />
            <Pages cursor={info?.cursor ?? null} isFirst={!query.has('cursor')} />
          </>
        )}
      </Awaited>
    </Panel>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (!isFiltered)
    return <p>Nothing was said yet. Notices come when a lock opens, something ends or a rotation moves.</p>;
  return (
    <>
      <p>No notice is like this.</p>
      <Button small onPress={() => setQuery({ severity: null, zone: null, code: null, cursor: null })}>
        Show all notices
      </Button>
    </>
  );
}

/** The API takes a zone by its whole name, so it is asked for when the name is there. */
function ZoneFilter() {
  const inAddress = inQuery('zone') ?? '';
  const [text, setText] = useState(inAddress);
  const submit = (event: Event) => {
    event.preventDefault();
    setQuery({ zone: text.trim(), cursor: null });
  };
  const clear = () => {
    setText('');
    setQuery({ zone: null, cursor: null });
  };
  return (
    <search>
      <form class="zone-filter" onSubmit={submit}>
        <input
          type="search"
          class="search"
          aria-label="Only of the zone"
          placeholder="Whole name of a zone"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <Button small type="submit">
          Filter
        </Button>
        {inAddress !== '' && (
          <Button small kind="quiet" onPress={clear}>
            All zones
          </Button>
        )}
      </form>
    </search>
  );
}

function Pages({ cursor, isFirst }: { readonly cursor: string | null; readonly isFirst: boolean }) {
  if (cursor === null && isFirst) return null;
  return (
    <nav class="pager" aria-label="Pages of notices">
      <span />
      <Button small disabled={isFirst} onPress={() => setQuery({ cursor: null })}>
        Newest
      </Button>
      <Button small disabled={cursor === null} onPress={() => setQuery({ cursor })}>
        Older
      </Button>
    </nav>
  );
}
