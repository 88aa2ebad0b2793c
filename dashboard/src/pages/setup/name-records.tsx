import type { Call } from '../../api/call.ts';
import { useAction } from '../../parts/action.ts';
import { Skeleton } from '../../parts/awaited.tsx';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { CheckField } from '../../parts/field.tsx';
import { Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { ask, may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import type { DnsRecord } from '../dns/record.ts';
import { Fact } from './fact.tsx';
import { RecordLines, recordsPath, useRecordsOf } from './records-of.tsx';
import '../../style/pages/setup-names.css';

interface NameRecordsProps {
  readonly zone: Zone;
  /** The name whose records are the model. */
  readonly hostname: string;
  readonly names: readonly string[];
  /** Those to which a wildcard record leads. */
  readonly wild?: readonly string[];
  /** It is what is to be done now. */
  readonly isNext?: boolean;
  /** Where what is missing is made by something else that is pressed. */
  readonly plan?: RecordPlan;
  readonly onChange?: () => void;
}

/** Whether missing records are made with what is sent anyway. */
export interface RecordPlan {
  readonly isMade: boolean;
  readonly set: (isMade: boolean) => void;
}

/** More are not looked up one by one. */
const MOST_SHOWN = 12;

/** Where each other name of the site leads, with what makes it right. */
export function NameRecords({
  zone,
  hostname,
  names,
  wild = [],
  isNext = false,
  plan,
  onChange = () => undefined,
}: NameRecordsProps) {
  const [own] = useRecordsOf(zone.id, hostname);
  if (names.length === 0 || own.kind === 'failed') return null;
  if (own.kind === 'loading')
    return (
      <ul class="setup-facts">
        {names.slice(0, MOST_SHOWN).map((name) => (
          <Awaiting key={name} />
        ))}
      </ul>
    );
  return (
    <>
      {plan === undefined && own.value.length > 0 && <OwnRecord rows={own.value} hostname={hostname} />}
      <ul class="setup-facts" aria-label="Records of the other names">
        {names.slice(0, MOST_SHOWN).map((name) => (
          <NameRecord
            key={name}
            {...{ zone, name, hostname, onChange }}
            model={own.value.filter(({ proxied }) => proxied)}
            isWild={wild.includes(name)}
            isNext={isNext}
            plan={plan}
          />
        ))}
        {names.length > MOST_SHOWN && (
          <li>
            <span />
            <p class="muted">And {names.length - MOST_SHOWN} more: see their records on DNS.</p>
          </li>
        )}
      </ul>
    </>
  );
}

/** The place of a name whose records are asked for: what stands below it stays where it is when they come. */
function Awaiting() {
  return (
    <li class="setup-name-awaited">
      <span />
      <Skeleton lines={2} />
    </li>
  );
}

/** The name that the set-up is about, first among all: with the others alone it would seem to be left out. */
function OwnRecord({ rows, hostname }: { readonly rows: readonly DnsRecord[]; readonly hostname: string }) {
  return (
    <ul class="setup-facts" aria-label={`Record of ${hostname}`}>
      <Fact ok={rows.some(({ proxied }) => proxied)}>
        <RecordLines rows={rows} />
      </Fact>
    </ul>
  );
}

interface NameRecordProps {
  readonly zone: Zone;
  readonly name: string;
  readonly hostname: string;
  readonly model: readonly DnsRecord[];
  readonly isWild: boolean;
  readonly isNext: boolean;
  readonly plan: RecordPlan | undefined;
  readonly onChange: () => void;
}

function NameRecord(props: NameRecordProps) {
  const { zone, name, hostname, model, isWild } = props;
  const [records] = useRecordsOf(zone.id, name);
  if (records.kind === 'loading') return <Awaiting />;
  if (records.kind === 'failed') return null;
  const rows = records.value;
  const grey = rows.every(({ proxied }) => !proxied) ? rows[0] : undefined;
  if (rows.length === 0)
    return (
      <Fact ok={false}>
        <p>
          <strong>
            {name} has no record{isWild && ' of its own'}:
          </strong>{' '}
          {props.plan?.isMade !== true &&
            (isWild
              ? 'a wildcard leads there, so its lock is not looked at by itself.'
              : 'visitors who ask for it get 404 at the edge.')}
        </p>
        <SameRecord
          zone={zone}
          name={name}
          model={model}
          isNext={props.isNext}
          plan={props.plan}
          onMade={props.onChange}
        />
      </Fact>
    );
  if (grey !== undefined)
    return (
      <Fact ok={false}>
        <Grey {...props} record={grey} />
      </Fact>
    );
  const isAlike = rows
    .filter(({ proxied }) => proxied)
    .every((row) => model.some((one) => placeOf(one) === placeOf(row)));
  return (
    <Fact ok>
      <RecordLines rows={rows} />
      {!isAlike && <p class="hint">It leads elsewhere than {hostname}: the lock has to be put in place there, too.</p>}
    </Fact>
  );
}

function placeOf({ type, content, origin }: DnsRecord): string {
  return JSON.stringify([type, content, origin?.https_port ?? 443]);
}

function Grey({ zone, name, record, isNext, onChange }: NameRecordProps & { readonly record: DnsRecord }) {
  const guarded = useGuarded(zone.id);
  const proxy = () =>
    guarded.begin({
      title: `Proxy ${name}`,
      act: 'Proxy it',
      done: `The edge serves ${name}.`,
      call: { method: 'PATCH', path: `/client/v4/zones/${zone.id}/dns_records/${record.id}`, body: { proxied: true } },
      change: { kind: 'record_orange', record: record.id },
      onDone: onChange,
    });
  return (
    <>
      <p>
        <strong>{name} is DNS only:</strong> its visitors go to the origin themselves, so the lock would shut them out.
      </p>
      {may('dns:edit') && (
        <Button kind={isNext ? 'primary' : 'plain'} onPress={proxy}>
          Proxy {name}
        </Button>
      )}
      {guarded.view}
    </>
  );
}

interface SameRecordProps {
  readonly zone: Pick<Zone, 'id'>;
  readonly name: string;
  readonly model: readonly DnsRecord[];
  readonly isNext?: boolean;
  readonly plan?: RecordPlan | undefined;
  readonly onMade: () => void;
}

/** Makes for a name what another one has: the same address and ports, and whatever else says where the edge knocks. */
export function SameRecord({ zone, name, model, isNext = false, plan, onMade }: SameRecordProps) {
  const action = useAction();
  const call = sameRecordCall(zone.id, name, model);
  if (!may('dns:edit')) return <p class="hint">This token may make no record for it.</p>;
  if (call === null) return <p class="hint">There is no record to make the same of: add one on DNS.</p>;
  if (plan !== undefined)
    return (
      <>
        <CheckField label={`Make the same record for ${name}`} checked={plan.isMade} onChange={plan.set} />
        <ApiCall call={call} of={`Make the same record for ${name}`} />
      </>
    );
  const make = async () => {
    if ((await action.run(call)) === null) return;
    say(`The edge serves ${name}.`);
    onMade();
  };
  return (
    <>
      <Problems problems={action.problems} />
      <Button
        kind={isNext ? 'primary' : 'plain'}
        busy={action.busy}
        label={`Make the same record for it: ${name}`}
        onPress={() => void make()}
      >
        Make the same record for it
      </Button>
      <ApiCall call={call} of={`Make the same record for ${name}`} />
    </>
  );
}

/** Makes the records that names lack like those of another one. Answers for which it did: others are asked about later. */
export async function madeAlike(zone: string, hostname: string, names: readonly string[]): Promise<readonly string[]> {
  if (!may('dns:edit') || names.length === 0) return [];
  const own = await recordsNow(zone, hostname);
  const made: string[] = [];
  for (const name of names.slice(0, MOST_SHOWN)) {
    const call = sameRecordCall(
      zone,
      name,
      (own ?? []).filter(({ proxied }) => proxied),
    );
    const there = call === null ? null : await recordsNow(zone, name);
    if (call === null || there?.length !== 0) continue;
    if ((await ask(call)).kind === 'answer') made.push(name);
  }
  return made;
}

async function recordsNow(zone: string, name: string): Promise<readonly DnsRecord[] | null> {
  const outcome = await ask<readonly DnsRecord[]>({ method: 'GET', path: recordsPath(zone, name) });
  return outcome.kind === 'answer' ? outcome.result : null;
}

function sameRecordCall(zone: string, name: string, model: readonly DnsRecord[]): Call | null {
  const path = `/client/v4/zones/${zone}/dns_records`;
  const posts = model.map(({ type, content, origin }) => {
    return { type, name, content, proxied: true, ...(origin === null || origin === undefined ? {} : { origin }) };
  });
  const [first, ...others] = posts;
  if (first === undefined) return null;
  return others.length === 0
    ? { method: 'POST', path, body: first }
    : { method: 'POST', path: `${path}/batch`, body: { posts } };
}
