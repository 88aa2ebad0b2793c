import { useState } from 'preact/hooks';
import type { ApiProblem, Call } from '../../api/call.ts';
import { useResource } from '../../api/resource.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog, DialogActs } from '../../parts/dialog.tsx';
import { SelectField } from '../../parts/field.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Problems } from '../../parts/problems.tsx';
import { ask } from '../../session.ts';
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
  // A hostname that says nothing has no association: the API answers that with an error, which is no failure here.
  const [own, ownAgain] = useResource<Association>(`${base}/${encodeURIComponent(hostname)}`);
  const path = `/postern/v1/zones/${zone.id}/identities?level=hostname&per_page=1000`;
  const [identities, again] = useResource<readonly Identity[]>(path);
  const retry = () => {
    ownAgain();
    again();
  };
  return (
    <Dialog title={`What ${hostname} shows`} onClose={() => onClose(false)}>
      {own.kind === 'loading' ? (
        <Awaited of={own} retry={retry} lines={6}>
          {() => null}
        </Awaited>
      ) : (
        <Awaited of={identities} retry={retry} lines={6}>
          {(list) => (
            <Choice
              {...{ zone, hostname, onClose }}
              association={own.kind === 'ready' ? own.value : null}
              identities={list.filter(({ status }) => status === 'active')}
            />
          )}
        </Awaited>
      )}
    </Dialog>
  );
}

interface ChoiceProps extends HostnameLevelProps {
  readonly association: Association | null;
  readonly identities: readonly Identity[];
}

const NEW = 'new';
const ENABLED = { zone: null, present: true, veto: false } as const;

function Choice({ zone, hostname, onClose, association, identities }: ChoiceProps) {
  const before: Own = association === null ? 'zone' : association.enabled ? 'present' : 'veto';
  const [own, choose] = useState<Own>(before);
  const [certificate, choosePem] = useState(association?.cert_id ?? NEW);
  const [state, setState] = useState<{ busy: boolean; problems: readonly ApiProblem[] }>({ busy: false, problems: [] });
  const guarded = useGuarded(zone.id);
  const isNew = own === 'present' && certificate === NEW;
  const named = certificate === NEW ? (association?.cert_id ?? identities[0]?.id ?? '') : certificate;
  const call = isNew ? making(zone, hostname) : associating(zone, { hostname, cert_id: named, enabled: ENABLED[own] });
  const set = (cert_id: string) =>
    guarded.begin({
      title: `Change what ${hostname} shows`,
      act: 'Change it',
      done: DONE[own](hostname),
      call: associating(zone, { hostname, cert_id, enabled: ENABLED[own] }),
      change: { kind: 'hostname_level', hostname, on: ENABLED[own], cert_id },
      onDone: () => onClose(true),
    });
  const submit = async () => {
    if (!isNew) return set(named);
    setState({ busy: true, problems: [] });
    const outcome = await ask<Identity>(making(zone, hostname));
    setState({ busy: false, problems: outcome.kind === 'answer' ? [] : outcome.problems });
    if (outcome.kind !== 'answer') return undefined;
    choosePem(outcome.result.id);
    return set(outcome.result.id);
  };
  return (
    <>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!state.busy) void submit();
        }}
      >
        <Problems problems={state.problems} />
        <Options {...{ own, choose }} mayVeto={identities.length > 0} />
        {own === 'present' && (
          <SelectField
            label="Certificate"
            required
            value={certificate}
            onChange={choosePem}
            options={[
              ...identities.map((identity) => ({ value: identity.id, text: nameOf(identity) })),
              { value: NEW, text: 'A new one that Postern makes and renews' },
            ]}
            hint="Origins must trust its issuer before they are shown it. The bundle of the zone vouches for what Postern makes."
          />
        )}
        <ApiCall call={call} />
        <DialogActs>
          <Button onPress={() => onClose(false)}>Cancel</Button>
          <Button type="submit" kind="primary" busy={state.busy || guarded.busy}>
            Save
          </Button>
        </DialogActs>
      </form>
      {guarded.view}
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
