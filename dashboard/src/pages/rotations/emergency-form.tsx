import type { ApiProblem } from '../../api/call.ts';
import { problemsAt, problemsElsewhere } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { useDraft } from '../../parts/draft.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Note, Problems } from '../../parts/problems.tsx';
import { beginningCall, useBeginning } from './beginning.tsx';
import { type RotationFormProps, WHAT_OPTIONS } from './begin-form.tsx';
import { NO_WISH, WISH_POINTERS, type WishDraft, WishFields, wishOf } from './pace-fields.tsx';
import { type What, WHATS } from './rotation.ts';

type Way = 'rehearse' | 'now' | 'revoke_first';

const WAYS = [
  { value: 'rehearse', text: 'Rehearse: all but the switch' },
  { value: 'now', text: 'As fast as origins allow, without an outage' },
  { value: 'revoke_first', text: 'Revoke first: an outage, until origins have the new bundle' },
] as const;

/** What each way means for visitors, said before it is done. */
const MEANS: Readonly<Record<Way, string>> = {
  rehearse:
    'Goes as far as the proof and ends there. It tells how long origins take to install a bundle, and changes nothing for visitors.',
  now: 'Each origin is switched the moment it was seen accepting the new certificate, and then the old root leaves the bundle at once. The thief is locked out of an origin when that origin has installed the second bundle.',
  revoke_first:
    'This is an outage. The old certificate is revoked before anything is proved: visitors get error 525 until the origin has the new bundle.',
};

interface Draft extends WishDraft {
  readonly what: What;
  readonly way: Way;
  readonly reason: string;
}

const NEW: Draft = { ...NO_WISH, what: 'root', way: 'rehearse', reason: '' };
const ACTS: Readonly<Record<Way, string>> = {
  rehearse: 'Rehearse the emergency',
  now: 'Begin the emergency',
  revoke_first: 'Revoke and begin',
};

/** For a bad day: a key is in other hands. */
export function EmergencyForm({ zone, isFree, onBegun }: RotationFormProps) {
  const [draft, change, done] = useDraft<Draft>(`${zone.id} emergency`, NEW);
  const { begin, busy, problems, view } = useBeginning(zone, (rotation) => {
    done();
    onBegun(rotation);
  });
  const body = bodyOf(draft);
  const words = {
    title: `${ACTS[draft.way]}: ${WHATS[draft.what].brief}`,
    act: ACTS[draft.way],
    done: draft.way === 'rehearse' ? 'The rehearsal has begun.' : 'The emergency rotation has begun.',
  };
  return (
    <Panel
      title="Emergency: a key is in other hands"
      about="Whoever has the key of the edge's certificate walks past the edge: origins cannot tell them apart."
    >
      <Form
        problems={problems}
        busy={busy}
        onSubmit={() => isFree && begin({ what: draft.what, revokesFirst: draft.way === 'revoke_first', words, body })}
      >
        <Problems problems={problemsElsewhere(problems, ['/what', '/reason', ...WISH_POINTERS])} />
        <Fields draft={draft} change={change} problems={problems} />
        <Note kind={draft.way === 'revoke_first' ? 'problem' : draft.way === 'now' ? 'warning' : 'info'}>
          <p>{MEANS[draft.way]}</p>
        </Note>
        <ApiCall call={beginningCall(zone, body)} of="Emergency" />
        <div class="row">
          <Button type="submit" kind={draft.way === 'rehearse' ? 'plain' : 'danger'} busy={busy} disabled={!isFree}>
            {ACTS[draft.way]}
          </Button>
        </div>
      </Form>
      {view}
    </Panel>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problems: readonly ApiProblem[];
}

function Fields({ draft, change, problems }: FieldsProps) {
  return (
    <>
      <SelectField
        label="What to exchange"
        required
        value={draft.what}
        onChange={(what) => change({ what })}
        options={WHAT_OPTIONS.toReversed()}
        hint="Whatever was stolen opens origins until this is exchanged. The root, unless every origin checks revocation lists: origins believe the CA, not the single certificate."
        problems={problemsAt(problems, '/what')}
      />
      <SelectField label="How" required value={draft.way} onChange={(way) => change({ way })} options={WAYS} />
      <TextField
        label="What has happened"
        value={draft.reason}
        onInput={(reason) => change({ reason })}
        hint="Stays in its history, for whoever audits it."
        problems={problemsAt(problems, '/reason')}
      />
      <WishFields draft={draft} change={change} problems={problems} isEmergency />
    </>
  );
}

function bodyOf({ what, way, reason, ...wish }: Draft): Readonly<Record<string, unknown>> {
  return {
    what,
    emergency: true,
    ...(way === 'rehearse' ? { rehearsal: true } : {}),
    ...(way === 'revoke_first' ? { revoke_first: true } : {}),
    ...(reason === '' ? {} : { reason }),
    ...wishOf(wish),
  };
}
