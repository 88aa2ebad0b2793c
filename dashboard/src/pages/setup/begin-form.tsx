import { useEffect, useState } from 'preact/hooks';
import type { ApiProblem } from '../../api/call.ts';
import { problemsAt, problemsElsewhere } from '../../parts/action.ts';
import { Button } from '../../parts/button.tsx';
import { useDraft } from '../../parts/draft.ts';
import { TextField } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { go } from '../../route.tsx';
import { ask, may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { begin, type BeginDraft, known, type Known, NOTHING_KNOWN } from './begin.ts';
import { OriginFields } from './record-fields.tsx';
import { setupPath } from './setup.ts';

const EMPTY: BeginDraft = { zone: '', isZoneSaid: false, hostname: '', content: '', port: '' };
const POINTERS = ['/zone', '/hostname', '/content', '/origin'];

/** Chooses or adds the zone, the hostname and its record. */
export function BeginForm() {
  const [draft, change, done] = useDraft<BeginDraft>('setup begin', EMPTY);
  const [problems, setProblems] = useState<readonly ApiProblem[]>([]);
  const [busy, setBusy] = useState(false);
  const there = useKnown(draft);
  const submit = async () => {
    setBusy(true);
    const zone = draft.isZoneSaid ? draft.zone : await homeNow(draft);
    const begun = await begin({ ...draft, zone }, there.record !== null);
    setBusy(false);
    if (begun.kind === 'refused') {
      setProblems(begun.problems);
      return;
    }
    done();
    if (begun.did !== '') say(begun.did);
    go(setupPath(begun.zone, begun.hostname));
  };
  return (
    <Form problems={problems} busy={busy} onSubmit={submit}>
      <Problems problems={problemsElsewhere(problems, POINTERS)} />
      <div class="fields">
        <TextField
          label="Hostname"
          required
          value={draft.hostname}
          onInput={(hostname) => change({ hostname })}
          problems={problemsAt(problems, '/hostname')}
          placeholder="www.example.com"
          proposals={there.hostnames}
          hint={there.record ?? OTHERS_LATER}
        />
        <TextField
          label="Zone"
          required
          value={draft.isZoneSaid ? draft.zone : there.home}
          onInput={(zone) => change({ zone, isZoneSaid: true })}
          isFilledIn={!draft.isZoneSaid && there.home !== ''}
          problems={problemsAt(problems, '/zone')}
          placeholder="example.com"
          proposals={there.zones}
          hint={problemsAt(problems, '/zone').length > 0 ? undefined : ZONE_HINTS[there.zone]}
        />
      </div>
      {there.record === null && <OriginFields draft={draft} change={change} problems={problems} />}
      <p class="hint">{willText(there)}</p>
      <div class="row">
        <Button type="submit" kind="primary" busy={busy} disabled={!may('ssl:edit')}>
          Begin
        </Button>
        {!may('ssl:edit') && <span class="hint">This token may look at set-ups, and begin none.</span>}
      </div>
    </Form>
  );
}

const OTHERS_LATER = 'Other names of the same site come in the next step.';

const ZONE_HINTS = {
  unknown: 'The domain that the hostname belongs to.',
  there: 'This zone is there already.',
  new: 'New: it is added.',
} as const;

/** What is done by beginning. */
function willText({ zone, record }: Known): string {
  const pulls = `has the edge show its certificate at the origin${zone === 'there' ? ', where that breaks nothing' : ''}`;
  return record === null
    ? `Makes the record, proxied, and ${pulls}.`
    : `${pulls.charAt(0).toUpperCase()}${pulls.slice(1)}.`;
}

/** The zone of a hostname, for who begins before it is shown. */
async function homeNow({ hostname }: BeginDraft): Promise<string> {
  return (await known({ zone: '', isZoneSaid: false, hostname }, askRows)).home;
}

function askRows(path: string, signal?: AbortSignal) {
  return ask<readonly (Zone & { content: string })[]>({ method: 'GET', path }, signal);
}

const SETTLING = 300;

/** What is there already of what is being typed. */
function useKnown({ zone, isZoneSaid, hostname }: BeginDraft): Known {
  const [there, setThere] = useState<Known>(NOTHING_KNOWN);
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(() => {
      void known({ zone, isZoneSaid, hostname }, (path) => askRows(path, ended.signal)).then(
        (found) => ended.signal.aborted || setThere(found),
      );
    }, SETTLING);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [zone, isZoneSaid, hostname]);
  return there;
}
