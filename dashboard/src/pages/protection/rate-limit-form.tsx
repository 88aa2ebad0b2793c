import type { ApiProblem, Call } from '../../api/call.ts';
import { problemsAt } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { CheckField, SelectField, TextField } from '../../parts/field.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import type { Zone } from '../../zone.tsx';
import { bodyOf, draftOf, limitsPath, newLimit, type RateLimit, type RateLimitDraft } from './rate-limit.ts';

const MODES = [
  { value: 'simulate', text: 'Only log it – nobody is turned away' },
  { value: 'ban', text: 'Turn away – the edge answers 429' },
] as const;

const SCHEMES = [
  { value: 'both', text: 'HTTP and HTTPS' },
  { value: 'HTTPS', text: 'HTTPS' },
  { value: 'HTTP', text: 'HTTP' },
] as const;

const POINTERS = [
  '/description',
  '/match/request/url',
  '/match/request/methods',
  '/match/request/schemes',
  '/threshold',
  '/period',
  '/action/mode',
  '/action/timeout',
];

interface RateLimitFormProps {
  readonly zone: Zone;
  /** The limit that is changed; `null` for a new one. */
  readonly limit: RateLimit | null;
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

/** Adds a rate limit, or changes one. */
export function RateLimitForm({ zone, limit, onClose }: RateLimitFormProps) {
  const key = `${zone.id} rate limit ${limit?.id ?? 'new'}`;
  const [draft, change, done] = useDraft(key, limit === null ? newLimit(zone.name) : draftOf(limit));
  const action = useGuardedForm<RateLimit>(zone.id);
  const path = limit === null ? limitsPath(zone.id) : `${limitsPath(zone.id)}/${limit.id}`;
  const body = bodyOf(draft, limit?.disabled ?? false);
  const call: Call = { method: limit === null ? 'POST' : 'PUT', path, body };
  const title = limit === null ? 'Add a rate limit' : 'Change the rate limit';
  const submit = async () =>
    action.begin({
      title: `${title}: what follows`,
      act: limit === null ? 'Add' : 'Save',
      done: ({ match }) => `The limit for ${match.request.url} is ${limit === null ? 'there' : 'changed'}.`,
      call,
      change: { kind: 'rate_limit_put', change: body, ...(limit === null ? {} : { rule: limit.id }) },
      onDone: () => {
        done();
        onClose(true);
      },
    });
  return (
    <Dialog title={title} onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act={limit === null ? 'Add' : 'Save'}
        pointers={POINTERS}
        onSubmit={submit}
        onCancel={() => onClose(false)}
      >
        <WhatIsCounted draft={draft} change={change} problems={action.problems} />
        <WhatHappens draft={draft} change={change} problems={action.problems} />
        <TextField
          label="Description"
          value={draft.description}
          onInput={(description) => change({ description })}
          problems={problemsAt(action.problems, '/description')}
        />
      </CallForm>
      {action.view}
    </Dialog>
  );
}

interface PartProps {
  readonly draft: RateLimitDraft;
  readonly change: (part: Partial<RateLimitDraft>) => void;
  readonly problems: readonly ApiProblem[];
}

function WhatIsCounted({ draft, change, problems }: PartProps) {
  return (
    <fieldset class="part">
      <legend>Which requests are counted</legend>
      <TextField
        label="Host and path"
        required
        mono
        value={draft.url}
        onInput={(url) => change({ url })}
        problems={problemsAt(problems, '/match/request/url')}
        hint="* stands for anything, such as *.example.test/login*. Queries are not looked at."
      />
      <div class="fields">
        <TextField
          label="Methods"
          value={draft.methods}
          onInput={(methods) => change({ methods })}
          problems={problemsAt(problems, '/match/request/methods')}
          hint="Such as POST, PUT. Left out: all of them."
        />
        <SelectField
          label="Scheme"
          required
          value={draft.scheme}
          onChange={(scheme) => change({ scheme })}
          options={SCHEMES}
          problems={problemsAt(problems, '/match/request/schemes')}
        />
      </div>
      <CheckField
        label="Count each hostname by itself, rather than all of them together"
        checked={draft.perHost}
        onChange={(perHost) => change({ perHost })}
      />
    </fieldset>
  );
}

function WhatHappens({ draft, change, problems }: PartProps) {
  const number = (name: 'threshold' | 'period' | 'timeout', label: string, pointer: string, hint: string) => (
    <TextField
      label={label}
      required={name !== 'timeout'}
      value={draft[name]}
      onInput={(value) => change({ [name]: value })}
      problems={problemsAt(problems, pointer)}
      hint={hint}
    />
  );
  return (
    <fieldset class="part">
      <legend>How many are allowed, and what becomes of more</legend>
      <div class="fields">
        {number('threshold', 'Requests', '/threshold', 'So many of one address …')}
        {number('period', 'Seconds', '/period', '… in so much time are allowed.')}
        {number('timeout', 'Turned away for', '/action/timeout', 'Seconds. Left out: as long as they are counted.')}
      </div>
      <SelectField
        label="Whoever asks more often"
        required
        value={draft.mode}
        onChange={(mode) => change({ mode })}
        options={MODES}
        problems={problemsAt(problems, '/action/mode')}
        hint="Log first where you do not know how often real visitors ask."
      />
    </fieldset>
  );
}
