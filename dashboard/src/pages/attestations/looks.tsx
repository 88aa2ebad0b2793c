import { useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { type LookSettings, lookPausePath, lookSettingsPath } from '../../api/looks.ts';
import { useResource } from '../../api/resource.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { type Locks, tellsOfLocks } from './lock.ts';
import { PathForm } from './path-form.tsx';
import { PauseForm } from './pause-form.tsx';

const AGAIN = 30_000;
/** Stands for every hostname of which nothing else is said. */
const OTHERS = '';

type Open = { readonly kind: 'pause' } | { readonly kind: 'path'; readonly hostname: string | null };

interface LooksProps {
  readonly zone: Zone;
  readonly counts: Locks['counts'] | null;
  readonly onChanged: () => void;
}

/** How the locks are looked at: whether somebody looks, and what is asked for. */
export function Looks({ zone, counts, onChanged }: LooksProps) {
  const live = { on: tellsOfLocks(zone.id), every: AGAIN };
  const [settings, again] = useResource<LookSettings>(lookSettingsPath(zone.id), live);
  const [open, setOpen] = useState<Open | null>(null);
  const changed = () => {
    again();
    onChanged();
  };
  const close = (isChanged: boolean) => {
    setOpen(null);
    if (isChanged) changed();
  };
  const { resume, reset, view } = useDeeds(zone, changed);
  const isPaused = settings.kind === 'ready' && settings.value.paused !== null;
  const mayEdit = may('ssl:edit');
  return (
    <Panel
      title="How it is looked at"
      about="Each look asks every origin for a path, as a stranger and as the edge. Somebody can have nobody look for a while."
      aside={mayEdit && settings.kind === 'ready' && <PauseActs {...{ settings: settings.value, setOpen, resume }} />}
    >
      <Awaited of={settings} retry={again} lines={4}>
        {(value) => (
          <>
            <Pausing settings={value} />
            <Paths
              settings={value}
              mayEdit={mayEdit}
              change={(hostname) => setOpen({ kind: 'path', hostname })}
              reset={reset}
            />
          </>
        )}
      </Awaited>
      {mayEdit && isPaused && <ApiCall call={resumeCall(zone)} />}
      {!mayEdit && <p class="hint">To change it needs the permission ssl:edit, which this token does not have.</p>}
      {open?.kind === 'pause' && settings.kind === 'ready' && (
        <PauseForm zone={zone} paused={settings.value.paused} counts={counts} onClose={close} />
      )}
      {open?.kind === 'path' && settings.kind === 'ready' && (
        <PathForm zone={zone} settings={settings.value} hostname={open.hostname} onClose={close} />
      )}
      {view}
    </Panel>
  );
}

interface PauseActsProps {
  readonly settings: LookSettings;
  readonly setOpen: (open: Open) => void;
  readonly resume: () => void;
}

function PauseActs({ settings, setOpen, resume }: PauseActsProps) {
  if (settings.paused === null) {
    return (
      <Button small onPress={() => setOpen({ kind: 'pause' })}>
        Pause looks
      </Button>
    );
  }
  return (
    <span class="row">
      <Button small kind="quiet" onPress={() => setOpen({ kind: 'pause' })}>
        Change the pause
      </Button>
      <Button small kind="primary" onPress={resume}>
        Look again
      </Button>
    </span>
  );
}

function Pausing({ settings: { paused } }: { readonly settings: LookSettings }) {
  if (paused === null) return <p role="status">Somebody looks: nothing is paused.</p>;
  return (
    <dl class="facts">
      <dt>Nobody looks</dt>
      <dd>
        <span role="status">
          from <Moment at={paused.since} full /> until <Moment at={paused.until} full />
        </span>
      </dd>
      <dt>Paused by</dt>
      <dd class="break">{paused.paused_by}</dd>
      <dt>Why</dt>
      <dd class="break">{paused.reason}</dd>
    </dl>
  );
}

interface Row {
  /** `OTHERS` for what the zone says. */
  readonly hostname: string;
  readonly path: string;
}

interface PathsProps {
  readonly settings: LookSettings;
  readonly mayEdit: boolean;
  /** `null` for a hostname that is named in the form. */
  readonly change: (hostname: string | null) => void;
  readonly reset: (hostname: string) => void;
}

function Paths({ settings: { path, hostnames }, mayEdit, change, reset }: PathsProps) {
  const own = Object.entries(hostnames).map(([hostname, one]) => ({ hostname, path: one }));
  const rows: readonly Row[] = [...own, { hostname: OTHERS, path }];
  const others = own.length === 0 ? 'Every hostname' : 'Every other hostname';
  const name = (row: Row) => (row.hostname === OTHERS ? others : row.hostname);
  const acts: Column<Row> = {
    title: 'Actions',
    align: 'end',
    cell: (row) => (
      <span class="row end">
        <Button small kind="quiet" label={`Change the path of ${name(row)}`} onPress={() => change(row.hostname)}>
          Change
        </Button>
        {row.hostname !== OTHERS && (
          <Button
            small
            kind="quiet"
            label={`Take back the path of ${row.hostname}`}
            onPress={() => reset(row.hostname)}
          >
            Take back
          </Button>
        )}
      </span>
    ),
  };
  return (
    <div class="looks-paths">
      <Table
        caption="What is asked for"
        rows={rows}
        keyOf={({ hostname }) => hostname}
        columns={[
          { title: 'Asked at', names: true, cell: (row) => <span class="break">{name(row)}</span> },
          { title: 'Path', cell: (row) => <span class="mono break">{row.path}</span> },
          ...(mayEdit ? [acts] : []),
        ]}
      />
      {mayEdit && (
        <p>
          <Button small onPress={() => change(null)}>
            Another path for a hostname
          </Button>
        </p>
      )}
    </div>
  );
}

const resumeCall = (zone: Zone): Call => ({ method: 'DELETE', path: lookPausePath(zone.id) });

function useDeeds(zone: Zone, onDone: () => void) {
  const guarded = useGuarded<LookSettings>(zone.id);
  const resume = () =>
    guarded.begin({
      title: 'Look again',
      act: 'Look again',
      done: `The locks of ${zone.name} are looked at again.`,
      call: resumeCall(zone),
      change: null,
      onDone,
    });
  const reset = (hostname: string) =>
    guarded.begin({
      title: `Take back the path of ${hostname}`,
      act: 'Take it back',
      done: `The origins of ${hostname} are asked for what the zone says.`,
      call: { method: 'PATCH', path: lookSettingsPath(zone.id), body: { hostnames: { [hostname]: null } } },
      change: null,
      final: true,
      about: `The origins of ${hostname} are asked for what the zone says from then on, and looked at soon.`,
      onDone,
    });
  return { resume, reset, view: guarded.view };
}
