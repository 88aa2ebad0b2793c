import { useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import type { useGuarded } from '../../parts/guarded.tsx';
import { type Circumstances, MODES, MODE_WORDS, type Mode, pictureOf } from './mode.ts';
import { Picture } from './picture.tsx';

interface ModeChoiceProps {
  readonly zone: string;
  readonly mode: Mode;
  readonly circumstances: Circumstances;
  readonly mayEdit: boolean;
  readonly guarded: ReturnType<typeof useGuarded>;
  readonly refresh: () => void;
}

/** The five modes with a picture of the one that is looked at; nothing changes until it is said to. */
export function ModeChoice({ zone, mode, circumstances, mayEdit, guarded, refresh }: ModeChoiceProps) {
  const [looked, lookAt] = useState<Mode | null>(null);
  const shown = looked ?? mode;
  const call: Call = { method: 'PATCH', path: `/client/v4/zones/${zone}/settings/ssl`, body: { value: shown } };
  const { title } = MODE_WORDS[shown];
  const apply = () =>
    guarded.begin({
      title: `Change the mode to ${title}`,
      act: `Change to ${title}`,
      done: `The mode is ${title}.`,
      call,
      change: { kind: 'mode', to: shown },
      isShown: true,
      onDone: () => {
        lookAt(null);
        refresh();
      },
    });
  return (
    <div class="mode">
      <fieldset class="mode-cards">
        <legend class="unseen">Encryption mode</legend>
        {MODES.map((one) => (
          <ModeCard key={one} mode={one} isNow={one === mode} checked={one === shown} look={() => lookAt(one)} />
        ))}
      </fieldset>
      <div class="mode-side">
        <Picture mode={shown} picture={pictureOf(shown, circumstances)} isNow={shown === mode} />
        {shown !== mode && mayEdit && (
          <>
            <div class="row">
              <Button kind="primary" busy={guarded.busy} onPress={apply}>
                Change to {title}
              </Button>
              <Button onPress={() => lookAt(null)}>Leave it as it is</Button>
            </div>
            <ApiCall call={call} of={`Change to ${title}`} />
          </>
        )}
        {!mayEdit && <p class="hint">This token may look at the mode and not change it: that needs settings:edit.</p>}
      </div>
    </div>
  );
}

interface ModeCardProps {
  readonly mode: Mode;
  readonly isNow: boolean;
  readonly checked: boolean;
  readonly look: () => void;
}

function ModeCard({ mode, isNow, checked, look }: ModeCardProps) {
  const { title, about } = MODE_WORDS[mode];
  return (
    <label class="mode-card">
      <input type="radio" name="mode" value={mode} checked={checked} onChange={look} />
      <span>
        <span class="mode-title">
          {title}
          {isNow && <span class="tag">In force</span>}
        </span>
        <span class="hint">{about}</span>
      </span>
    </label>
  );
}
