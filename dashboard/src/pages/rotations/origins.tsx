import { useState } from 'preact/hooks';
import { counted } from '../../parts/counted.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/awaited.tsx';
import { Code } from '../../parts/copy.tsx';
import { Panel } from '../../parts/panel.tsx';
import { inQuery, setQuery } from '../../route.tsx';
import { may } from '../../session.ts';
import { placeText } from '../attestations/lock.ts';
import { Proof } from './proof.tsx';
import type { RotatedOrigin, Rotation } from './rotation.ts';

interface OriginsProps {
  readonly rotation: Rotation;
  readonly zone: string;
  readonly onForce: (hostname: string) => void;
}

/** More than these are shown when somebody asks for them. */
const AT_ONCE = 50;
const PROVABLE: ReadonlySet<Rotation['phase']> = new Set(['proving', 'canary', 'switching', 'watching']);

/** Each origin of a rotation: what it is shown, what was seen of it, and what to do where it holds itself back. */
export function Origins({ rotation, zone, onForce }: OriginsProps) {
  const [shown, setShown] = useState(AT_ONCE);
  const onlyHeld = inQuery('held') === '1';
  const { origins, counts } = rotation;
  const chosen = onlyHeld ? origins.filter(({ shows }) => shows === 'old') : origins;
  const mayForce = may('ssl:edit') && PROVABLE.has(rotation.phase) && !rotation.rehearsal;
  return (
    <Panel title="Origins" about="Each is proved and switched by itself; one that is not ready holds back nobody else.">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent with a form. */}
      <div class="chips" role="group" aria-label="Filter origins">
        <Choice text="All" count={counts.origins} on={!onlyHeld} press={() => setQuery({ held: null })} />
        <Choice
          text="With the old certificate"
          count={counts.held}
          on={onlyHeld}
          press={() => setQuery({ held: '1' })}
        />
      </div>
      {rotation.ended_on === null && origins.some(({ finding }) => finding === 'refused') && <Install zone={zone} />}
      {chosen.length === 0 ? (
        <Empty>
          <p>{onlyHeld ? 'Every origin shows the new certificate.' : 'No origin presents this certificate.'}</p>
        </Empty>
      ) : (
        <ul class="rotated">
          {chosen.slice(0, shown).map((origin) => (
            <li key={`${origin.hostname} ${placeText(origin)}`}>
              <Origin of={origin} {...(mayForce && origin.shows === 'old' ? { onForce } : {})} />
            </li>
          ))}
        </ul>
      )}
      {chosen.length > shown && (
        <Button small onPress={() => setShown(shown + AT_ONCE)}>
          Show more of {chosen.length.toLocaleString()}
        </Button>
      )}
    </Panel>
  );
}

interface ChoiceProps {
  readonly text: string;
  readonly count: number;
  readonly on: boolean;
  readonly press: () => void;
}

function Choice({ text, count, on, press }: ChoiceProps) {
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={press}>
      {text} <span class="chip-count">{count.toLocaleString()}</span>
    </button>
  );
}

function Install({ zone }: { readonly zone: string }) {
  return (
    <div class="install">
      <p>
        Origins that refuse the new certificate need the present bundle. Those that keep in step install it by
        themselves; at the others:
      </p>
      <Code
        label="bundle"
        text={`postern ca bundle --zone ${zone} --out bundle.pem --trusted bundle.pem\n# then have the server read it again: systemctl reload nginx`}
      />
    </div>
  );
}

const HOW = { proved: 'proved', forced: 'switched without proof', lapsed: 'the old certificate had ended' } as const;

function Origin({ of, onForce }: { readonly of: RotatedOrigin; readonly onForce?: (hostname: string) => void }) {
  const { hostname, shows, how, finding, text, fix, reverted, pulls, evidence } = of;
  const isHeld = finding !== 'proved';
  return (
    <article class={`rotated-origin ${finding}`}>
      <header>
        <h3>
          {hostname} <span class="hint mono">{placeText(of)}</span>
        </h3>
        {/* One that was switched without proof is not well for it. */}
        <span class={`state ${isHeld ? 'held' : shows === 'new' ? 'done' : 'running'}`}>
          {shows === 'new' ? 'New certificate' : 'Old certificate'}
          {how !== null && how !== 'proved' && `, ${HOW[how]}`}
        </span>
      </header>
      <p>
        {text}.{isHeld && fix !== '' && <span class="muted"> {fix}</span>}
      </p>
      {reverted !== null && <p class="field-problem">Given the old certificate back: {reverted}</p>}
      {pulls.answered + pulls.refused > 0 && (
        <p class="hint">
          {counted(pulls.answered, 'pull')} answered with the new certificate, {pulls.refused.toLocaleString()} refused.
        </p>
      )}
      {evidence !== null && (
        <details open={isHeld && finding !== 'unseen'}>
          <summary>Evidence</summary>
          <Proof evidence={evidence} origin={`${hostname} at ${placeText(of)}`} />
        </details>
      )}
      {onForce !== undefined && isHeld && (
        <div>
          <Button small kind="danger" label={`Switch without proof: ${hostname}`} onPress={() => onForce(hostname)}>
            Switch without proof
          </Button>
        </div>
      )}
    </article>
  );
}
