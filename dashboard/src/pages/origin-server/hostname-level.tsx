import { useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { type Resource, useResource } from '../../api/resource.ts';
import { useAction } from '../../parts/action.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { CallForm } from '../../parts/call-form.tsx';
import { counted } from '../../parts/counted.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import type { Zone } from '../../zone.tsx';
import { type Identity, nameOf } from './identity.ts';

/** What a hostname says of its own, as the API's association has it. */
type Own = 'zone' | 'present' | 'veto';

interface Association {
  readonly cert_id: string;
  readonly enabled: boolean;
}

interface HostnameLevelProps {
  readonly zone: Zone;
  readonly hostname: string;
  readonly onClose: (changed: boolean) => void;
}

/** Chooses what one hostname shows: as its zone, a certificate of its own, or none at all. */
export function HostnameLevel({ zone, hostname, onClose }: HostnameLevelProps) {
  const base = `/client/v4/zones/${zone.id}/origin_tls_client_auth/hostnames`;
  const [own, ownAgain] = useResource<Association>(`${base}/${encodeURIComponent(hostname)}`);
  const path = `/postern/v1/zones/${zone.id}/identities?level=hostname&per_page=${MOST_LISTED}`;
  const [identities, again] = useResource<readonly Identity[]>(path);
  // A hostname that says nothing has no association: that is an answer, not a failure.
  const says = own.kind === 'failed' && own.problems[0]?.code === NO_ASSOCIATION ? SILENT : own;
  return (
    <Dialog title={`What ${hostname} shows`} onClose={() => onClose(false)}>
      <Awaited of={says} retry={ownAgain} lines={6}>
        {(association) => (
          <Awaited of={identities} retry={again} lines={6}>
            {(list, info) => (
              <Choice
                {...{ zone, hostname, onClose, association }}
                identities={list.filter(({ status }) => status === 'active')}
                unlisted={(info?.total_count ?? list.length) - list.length}
              />
            )}
          </Awaited>
        )}
      </Awaited>
    </Dialog>
  );
}

const MOST_LISTED = 100;
/** `association_not_found` of src/domain/problems.ts. */
const NO_ASSOCIATION = 1553;
const SILENT: Resource<null> = { kind: 'ready', value: null, info: null, messages: [], stale: null };

interface ChoiceProps extends HostnameLevelProps {
  readonly association: Association | null;
  readonly identities: readonly Identity[];
  /** How many more there are than are listed. */
  readonly unlisted: number;
}

const NEW = 'new';
const ENABLED = { zone: null, present: true, veto: false } as const;

function Choice({ zone, hostname, onClose, association, identities, unlisted }: ChoiceProps) {
  const before: Own = association === null ? 'zone' : association.enabled ? 'present' : 'veto';
  const [own, choose] = useState<Own>(before);
  const [certificate, choosePem] = useState(association?.cert_id ?? NEW);
  const saving = useSaving({ zone, hostname, own, onClose });
  const isSame = own === before && (own !== 'present' || certificate === association?.cert_id);
  const named = certificate === NEW ? (association?.cert_id ?? identities[0]?.id ?? '') : certificate;
  const isNew = own === 'present' && certificate === NEW;
  const submit = async () => {
    if (isSame) return onClose(false);
    if (!isNew) return saving.set(named);
    const made = await saving.make();
    if (made !== null) choosePem(made);
    return undefined;
  };
  return (
    <>
      <CallForm
        call={isNew ? making(zone, hostname) : associating(zone, { hostname, cert_id: named, enabled: ENABLED[own] })}
        act="Save"
        busy={saving.busy}
        problems={saving.problems}
        onSubmit={submit}
        onCancel={() => onClose(false)}
      >
        <Options {...{ own, choose }} mayVeto={named !== ''} />
        {own === 'present' && <CertificateChoice {...{ certificate, identities, unlisted }} choose={choosePem} />}
      </CallForm>
      {saving.view}
    </>
  );
}

/** Sets what the hostname shows, with what follows from it said first; makes a certificate where one is wanted. */
function useSaving({ zone, hostname, own, onClose }: HostnameLevelProps & { readonly own: Own }) {
  const action = useAction();
  const guarded = useGuarded(zone.id);
  const set = (cert_id: string) =>
    guarded.begin({
      title: `Change what ${hostname} shows`,
      act: 'Change it',
      done: DONE[own](hostname),
      call: associating(zone, { hostname, cert_id, enabled: ENABLED[own] }),
      change: { kind: 'hostname_level', hostname, on: ENABLED[own], cert_id },
      onDone: () => onClose(true),
    });
  const make = async (): Promise<string | null> => {
    const made = await action.run<Identity>(making(zone, hostname));
    if (made === null) return null;
    set(made.id);
    return made.id;
  };
  return { set, make, busy: action.busy || guarded.busy, problems: action.problems, view: guarded.view };
}

interface CertificateChoiceProps {
  readonly certificate: string;
  readonly identities: readonly Identity[];
  readonly unlisted: number;
  readonly choose: (id: string) => void;
}

function CertificateChoice({ certificate, identities, unlisted, choose }: CertificateChoiceProps) {
  const isListed = certificate === NEW || identities.some(({ id }) => id === certificate);
  return (
    <>
      <SelectField
        label="Certificate"
        required
        value={certificate}
        onChange={choose}
        options={[
          ...identities.map((identity) => ({ value: identity.id, text: nameOf(identity) })),
          ...(isListed ? [] : [{ value: certificate, text: `The one with the id ${certificate}` }]),
          { value: NEW, text: 'A new one that Postern makes and renews' },
        ]}
        hint="Origins must trust its issuer before they are shown it. The bundle of the zone vouches for what Postern makes."
      />
      {unlisted > 0 && (
        <TextField
          label="Or its id"
          mono
          value={isListed ? '' : certificate}
          onInput={(id) => choose(id.trim() === '' ? NEW : id.trim())}
          hint={`${counted(unlisted, 'more is', 'more are')} there and not listed.`}
        />
      )}
    </>
  );
}

const DONE: Readonly<Record<Own, (hostname: string) => string>> = {
  zone: (hostname) => `${hostname} shows what its zone says.`,
  present: (hostname) => `${hostname} shows a certificate of its own.`,
  veto: (hostname) => `${hostname} shows no certificate.`,
};

const WORDS = [
  ['zone', 'As the zone', 'The zone level decides and, where that is off, the global one.'],
  ['present', 'A certificate of its own', 'Beats the zone and the global level.'],
  ['veto', 'None, whatever the zone says', 'A veto. A locked origin refuses the edge then.'],
] as const;

interface OptionsProps {
  readonly own: Own;
  readonly choose: (own: Own) => void;
  readonly mayVeto: boolean;
}

function Options({ own, choose, mayVeto }: OptionsProps) {
  return (
    <fieldset class="options">
      <legend class="unseen">What it shows</legend>
      {WORDS.map(([value, title, about]) => (
        <label key={value} class="option">
          <input
            type="radio"
            name="own"
            value={value}
            checked={own === value}
            disabled={value === 'veto' && !mayVeto}
            onChange={() => choose(value)}
          />
          <span>
            <span>{title}</span>
            <span class="hint">
              {value === 'veto' && !mayVeto
                ? 'A veto names a certificate of the hostname level, and there is none yet: upload one, or have one made.'
                : about}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function making(zone: Zone, hostname: string): Call {
  const body = { hostnames: [hostname], associate: false };
  return { method: 'POST', path: `/postern/v1/zones/${zone.id}/managed_certificates`, body };
}

interface Wish {
  readonly hostname: string;
  readonly cert_id: string;
  readonly enabled: boolean | null;
}

function associating(zone: Zone, wish: Wish): Call {
  const path = `/client/v4/zones/${zone.id}/origin_tls_client_auth/hostnames`;
  return { method: 'PUT', path, body: { config: [wish] } };
}
