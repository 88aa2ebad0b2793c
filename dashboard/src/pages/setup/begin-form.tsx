import { useEffect, useState } from 'preact/hooks';
import type { ApiProblem } from '../../api/call.ts';
import { problemsAt, problemsElsewhere } from '../../parts/action.ts';
import { Button } from '../../parts/button.tsx';
import { useDraft } from '../../parts/draft.ts';
import { TextField } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { Problems } from '../../parts/problems.tsx';
import { go } from '../../route.tsx';
import { ask, may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { begin, type BeginDraft, known, type Known, NOTHING_KNOWN } from './begin.ts';
import { OriginFields } from './record-fields.tsx';
import { setupPath } from './setup.ts';

const EMPTY: BeginDraft = { zone: '', hostname: '', content: '', port: '' };
const POINTERS = ['/zone', '/hostname', '/content', '/origin'];

/** Chooses or adds the zone, the hostname and its record. */
export function BeginForm() {
  const [draft, change, done] = useDraft<BeginDraft>('setup begin', EMPTY);
  const [problems, setProblems] = useState<readonly ApiProblem[]>([]);
  const [busy, setBusy] = useState(false);
  const there = useKnown(draft);
  const submit = async () => {
    setBusy(true);
    const begun = await begin(draft, there.record !== null);
    setBusy(false);
    if (begun.kind === 'refused') {
      setProblems(begun.problems);
      return;
    }
    done();
    go(setupPath(begun.zone, begun.hostname));
  };
  return (
    <Form problems={problems} busy={busy} onSubmit={submit}>
      <Problems problems={problemsElsewhere(problems, POINTERS)} />
      <div class="fields">
        <TextField
          label="Zone"
          required
          value={draft.zone}
          onInput={(zone) => change({ zone })}
          problems={problemsAt(problems, '/zone')}
          placeholder="example.com"
          proposals={there.zones}
          hint={problemsAt(problems, '/zone').length > 0 ? undefined : ZONE_HINTS[there.zone]}
        />
        <TextField
          label="Hostname"
          required
          value={draft.hostname}
          onInput={(hostname) => change({ hostname })}
          problems={problemsAt(problems, '/hostname')}
          placeholder="www.example.com"
          proposals={there.hostnames}
          hint={
            there.record === null
              ? 'The name that visitors type; @ for the zone itself. Other names of the same site are asked for later.'
              : there.record
          }
        />
      </div>
      {there.record === null && <OriginFields draft={draft} change={change} problems={problems} />}
      <div class="row">
        <Button type="submit" kind="primary" busy={busy} disabled={!may('ssl:edit')}>
          Begin
        </Button>
        {!may('ssl:edit') && <span class="hint">This token may look at set-ups, and begin none.</span>}
      </div>
    </Form>
  );
}

const ZONE_HINTS = {
  unknown: 'The domain that the hostname belongs to, such as example.com for www.example.com.',
  there: 'This zone is there already.',
  new: 'There is none yet: it is added.',
} as const;

const SETTLING = 300;

/** What is there already of what is being typed. */
function useKnown({ zone, hostname }: BeginDraft): Known {
  const [there, setThere] = useState<Known>(NOTHING_KNOWN);
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(() => {
      void known({ zone, hostname }, (path) =>
        ask<readonly (Zone & { content: string })[]>({ method: 'GET', path }, ended.signal),
      ).then((found) => ended.signal.aborted || setThere(found));
    }, SETTLING);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [zone, hostname]);
  return there;
}
