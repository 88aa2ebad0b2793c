import { useEffect, useRef, useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { useResource } from '../../api/resource.ts';
import { useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Awaited } from '../../parts/awaited.tsx';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { Note } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import type { Zone } from '../../zone.tsx';
import { certificatesPath, type EdgeCertificate } from './edge-certificate.ts';
import { beyond, type Change, changes, moved, ordered, priorities } from './order.ts';

/** As many as the API answers at once. */
const MOST_ORDERED = 50;
/** Stands for the id of a certificate of which nothing is known here. */
const ANOTHER = 'CERTIFICATE_ID';

interface OrderFormProps {
  readonly zone: Zone;
  readonly onClose: (changed: boolean) => void;
}

/** Says which certificate is shown where several hold a name. */
export function OrderForm({ zone, onClose }: OrderFormProps) {
  const path = `${certificatesPath(zone.id)}?page=1&per_page=${MOST_ORDERED}`;
  const [certificates, retry] = useResource<readonly EdgeCertificate[]>(path);
  return (
    <Dialog wide title="Order of the certificates" onClose={() => onClose(false)}>
      <p class="about">Where several hold a name, the first of them that is in force is shown to visitors.</p>
      <Awaited of={certificates} retry={retry} lines={6}>
        {(all, info) => (
          <Ordering zone={zone} all={all} isWhole={(info?.total_count ?? all.length) <= all.length} onClose={onClose} />
        )}
      </Awaited>
    </Dialog>
  );
}

interface OrderingProps extends OrderFormProps {
  readonly all: readonly EdgeCertificate[];
  /** There are no others on further pages. */
  readonly isWhole: boolean;
}

function Ordering({ zone, all, isWhole, onClose }: OrderingProps) {
  const [{ ids }, change, done] = useDraft<{ readonly ids: readonly string[] }>(`${zone.id} order`, { ids: [] });
  const action = useAction();
  const order = ordered(all, ids);
  const path = `${certificatesPath(zone.id)}/prioritize`;
  const call: Call = { method: 'PUT', path, body: { certificates: priorities(order, isWhole) } };
  const submit = async () => {
    if ((await action.run(call)) === null) return;
    done();
    say('The order is changed. Visitors see it as soon as the edges have it.');
    onClose(true);
  };
  return (
    <CallForm
      call={call}
      busy={action.busy}
      problems={action.problems}
      act="Save the order"
      onSubmit={submit}
      onCancel={() => onClose(false)}
      wide
    >
      <Places order={order} change={(next) => change({ ids: next.map(({ id }) => id) })} />
      {!isWhole && (
        <>
          <p class="hint">
            These are the first {MOST_ORDERED.toLocaleString()}; all others stay behind them. One of those comes forward
            by a number of its own, as this call gives it with its id, above the number of those that it shall precede.
          </p>
          <ApiCall
            call={{ method: 'PUT', path, body: { certificates: [{ id: ANOTHER, priority: beyond(all) }] } }}
            of="bring one of the others to the front"
          />
        </>
      )}
      {new Set(all.map(({ type }) => type)).size > 1 && (
        <p class="hint">Those of type legacy_custom come before those of type sni_custom, whatever the order.</p>
      )}
      <Effect of={changes(all, order)} />
    </CallForm>
  );
}

interface PlacesProps {
  readonly order: readonly EdgeCertificate[];
  readonly change: (order: readonly EdgeCertificate[]) => void;
}

interface Move {
  readonly id: string;
  readonly by: -1 | 1;
}

/** A list whose rows go up and down by buttons: focus goes with the row. */
function Places({ order, change }: PlacesProps) {
  const list = useRef<HTMLOListElement>(null);
  const [last, setLast] = useState<Move | null>(null);
  useEffect(() => {
    // A node that is moved in the document loses focus.
    if (last === null) return;
    const row = [...(list.current?.children ?? [])][order.findIndex(({ id }) => id === last.id)];
    row?.querySelector<HTMLButtonElement>(`button[data-by="${last.by}"]`)?.focus();
  }, [last]);
  const move = (index: number, by: -1 | 1) => {
    const next = moved(order, index, by);
    const id = order[index]?.id;
    if (next === null || id === undefined) return;
    change(next);
    setLast({ id, by });
  };
  const place = last === null ? -1 : order.findIndex(({ id }) => id === last.id);
  return (
    <>
      <ol class="order" ref={list}>
        {order.map((one, index) => (
          <li key={one.id}>
            <span class="order-place">{index + 1}</span>
            <div class="order-words">
              <strong class="break">{namesText(one)}</strong>
              <span class="hint block break">
                {one.issuer}
                {one.status === 'expired' && ', expired'}
              </span>
            </div>
            <span class="row">
              <MoveButton
                name={namesText(one)}
                by={-1}
                can={moved(order, index, -1) !== null}
                onPress={() => move(index, -1)}
              />
              <MoveButton
                name={namesText(one)}
                by={1}
                can={moved(order, index, 1) !== null}
                onPress={() => move(index, 1)}
              />
            </span>
          </li>
        ))}
      </ol>
      <p class="unseen" role="status">
        {place === -1 ? '' : `${namesText(order[place])} is number ${place + 1} of ${order.length}`}
      </p>
    </>
  );
}

const NAMED = 3;

function namesText(certificate: EdgeCertificate | undefined): string {
  const hosts = certificate?.hosts ?? [];
  const more = hosts.length > NAMED ? ` and ${(hosts.length - NAMED).toLocaleString()} more` : '';
  return `${hosts.slice(0, NAMED).join(', ')}${more}`;
}

interface MoveButtonProps {
  readonly name: string;
  readonly by: -1 | 1;
  readonly can: boolean;
  readonly onPress: () => void;
}

// At an end it stays in the order of Tab: whoever moved the row there keeps their place.
function MoveButton({ name, by, can, onPress }: MoveButtonProps) {
  const way = by === -1 ? 'up' : 'down';
  return (
    <button
      type="button"
      class="button small"
      data-by={by}
      aria-disabled={!can || undefined}
      aria-label={`Move ${name} ${way}`}
      onClick={onPress}
    >
      {by === -1 ? '↑' : '↓'}
    </button>
  );
}

function Effect({ of }: { readonly of: readonly Change[] }) {
  if (of.length === 0) return <p class="hint">Visitors are shown the same certificates as before.</p>;
  return (
    <Note kind="warning">
      <p>Visitors are shown another certificate for:</p>
      <ul class="names">
        {of.slice(0, MOST_CHANGES).map(({ host, to }) => (
          <li key={host}>
            <strong>{host}</strong>: that of {namesText(to)}, by {to.issuer}
          </li>
        ))}
      </ul>
      {of.length > MOST_CHANGES && <p class="hint">And {(of.length - MOST_CHANGES).toLocaleString()} more.</p>}
    </Note>
  );
}

const MOST_CHANGES = 8;
