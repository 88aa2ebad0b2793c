import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Code, CopyButton } from '../../parts/copy.tsx';
import { Dialog, DialogActs } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { setQuery } from '../../route.tsx';
import { actText } from './changes.ts';
import { type AuditEntry, type Difference, differences, entryPath, subjectOf } from './entry.ts';
import { choose } from './filters.tsx';

const COLUMNS: readonly Column<Difference>[] = [
  { title: 'What differs', names: true, cell: ({ path }) => <span class="break">{path}</span> },
  { title: 'Before', cell: ({ before }) => <Value text={before} /> },
  { title: 'After', cell: ({ after }) => <Value text={after} /> },
];

function Value({ text }: { readonly text: string | null }) {
  return text === null ? <span class="muted">—</span> : <span class="mono break">{text}</span>;
}

/** One entry with everything that differs. It has an address of its own. */
export function EntryDialog({ id, zone }: { readonly id: string; readonly zone: string | null }) {
  const [entries, refresh] = useResource<readonly AuditEntry[]>(entryPath(id, zone));
  const close = () => setQuery({ entry: null });
  return (
    <Dialog title={`Entry ${id}`} onClose={close} wide>
      <Awaited of={entries} retry={refresh} lines={6}>
        {([entry]) =>
          entry === undefined || entry.id !== id ? (
            <p>There is no such entry, or this token may not see it.</p>
          ) : (
            <Entry entry={entry} />
          )
        }
      </Awaited>
      <DialogActs>
        <span class="row entry-place">
          <span class="hint">Link to this entry</span>
          <CopyButton text={window.location.href} label="Copy the link to this entry" />
        </span>
        <Button onPress={close}>Close</Button>
      </DialogActs>
    </Dialog>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  const { at, actor, zone, revision } = entry;
  const rows = differences(entry);
  return (
    <div class="entry">
      <p class="entry-what">
        <strong>{actText(entry)}</strong> {subjectOf(entry)}
      </p>
      <dl class="facts">
        <dt>When</dt>
        <dd>
          <Moment at={at} /> <span class="muted">({new Date(at).toLocaleString()})</span>
        </dd>
        <dt>Who</dt>
        <dd>
          {actor.name ?? actor.token} from <span class="mono">{actor.from}</span>{' '}
          <Button small kind="quiet" onPress={() => choose({ actor: actor.token })}>
            Only by this one
          </Button>
        </dd>
        {zone !== null && (
          <>
            <dt>Zone</dt>
            <dd>{zone.name ?? zone.id}</dd>
          </>
        )}
        <dt>Revision</dt>
        <dd>{revision === null ? 'None: edges are not told of it' : revision.toLocaleString()}</dd>
      </dl>
      {rows.length === 0 ? (
        <p class="muted">Nothing that is kept differs.</p>
      ) : (
        <Table caption="What differs" columns={COLUMNS} rows={rows} keyOf={({ path }) => path} />
      )}
      <details class="api-call">
        <summary>As the API has it</summary>
        <Code label="JSON" text={JSON.stringify(entry, null, 2)} />
      </details>
    </div>
  );
}
