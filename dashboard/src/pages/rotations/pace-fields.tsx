import type { ApiProblem } from '../../api/call.ts';
import { problemsAt } from '../../parts/action.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { KEY_TYPES } from '../origin-server/request-fields.ts';

const DAY = 86_400;

/** What is left out of a rotation, as src/domain/rotation-pace.ts has it: usually, and in an emergency. */
const PACES = [
  ['canary_percent', 'Canary, percent', 10, 100, 'The part of the origins that goes first.'],
  ['canary_seconds', 'Canary, seconds', 60, 0, 'How long only those show the new certificate.'],
  ['watch_seconds', 'Watch, seconds', 600, 10, 'How long all show it before the old one is given up.'],
  ['drain_seconds', 'Drain, seconds', 60, 2, 'How long connections with the old one may last then.'],
  ['notice_seconds', 'Notice, seconds', 7 * DAY, 0, 'How long the bundle holds the old CA then.'],
  ['refused_percent', 'Refused, percent', 2, 2, 'Above this part of refused pulls an origin is switched back.'],
  ['retry_seconds', 'Retry, seconds', 300, 30, 'How long one that was switched back waits; twice as long each time.'],
] as const;

type PaceField = (typeof PACES)[number][0];

/** What somebody may wish of a rotation besides what is exchanged; empty where it is left out. */
export interface WishDraft {
  readonly pace: Readonly<Partial<Record<PaceField, string>>>;
  readonly keyType: (typeof KEY_TYPES)[number]['value'] | '';
  readonly days: string;
}

export const NO_WISH: WishDraft = { pace: {}, keyType: '', days: '' };

/** The fields that show their own problems. */
export const WISH_POINTERS = ['/pace', '/key_type', '/lifetime_days'] as const;

interface WishFieldsProps {
  readonly draft: WishDraft;
  readonly change: (part: Partial<WishDraft>) => void;
  readonly problems: readonly ApiProblem[];
  readonly isEmergency: boolean;
}

/** How fast a rotation goes, and what it makes: nobody has to say either. */
export function WishFields(props: WishFieldsProps) {
  return (
    <>
      <KeyFields {...props} />
      <PaceFields {...props} />
    </>
  );
}

const LIKE_BEFORE = { value: '', text: 'Like the keys before them' } as const;

function KeyFields({ draft, change, problems }: WishFieldsProps) {
  const [ofKey, ofDays] = [problemsAt(problems, '/key_type'), problemsAt(problems, '/lifetime_days')];
  const isSaid = draft.keyType !== '' || draft.days !== '' || ofKey.length + ofDays.length > 0;
  return (
    <details open={isSaid}>
      <summary>What the new certificates are like</summary>
      <div class="fields">
        <SelectField
          label="Keys"
          value={draft.keyType}
          onChange={(keyType) => change({ keyType })}
          options={[LIKE_BEFORE, ...KEY_TYPES]}
          problems={ofKey}
        />
        <TextField
          label="Lifetime in days"
          value={draft.days}
          onInput={(days) => change({ days })}
          hint="1 to 365; like those before them where left out."
          problems={ofDays}
        />
      </div>
    </details>
  );
}

function PaceFields({ draft: { pace }, change, problems, isEmergency }: WishFieldsProps) {
  const isSaid = PACES.some(([field]) => (pace[field] ?? '') !== '') || problemsAt(problems, '/pace').length > 0;
  return (
    <details open={isSaid}>
      <summary>How fast it goes</summary>
      <div class="fields">
        {PACES.map(([field, label, usual, hurried, about]) => (
          <TextField
            key={field}
            label={label}
            value={pace[field] ?? ''}
            onInput={(value) => change({ pace: { ...pace, [field]: value } })}
            hint={`${about} ${(isEmergency ? hurried : usual).toLocaleString()} where left out.`}
            problems={problemsAt(problems, `/pace/${field}`)}
          />
        ))}
      </div>
    </details>
  );
}

/** What of a body these fields say. */
export function wishOf({ pace, keyType, days }: WishDraft): Readonly<Record<string, unknown>> {
  const said = PACES.flatMap(([field]) => {
    const text = (pace[field] ?? '').trim();
    return text === '' ? [] : [[field, numberOf(text)] as const];
  });
  return {
    ...(keyType === '' ? {} : { key_type: keyType }),
    ...(days.trim() === '' ? {} : { lifetime_days: numberOf(days.trim()) }),
    ...(said.length === 0 ? {} : { pace: Object.fromEntries(said) }),
  };
}

// What is no number goes as it was typed: the API says what is wrong with it.
const numberOf = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);
