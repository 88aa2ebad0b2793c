import { useState } from 'preact/hooks';
import type { Attention, Overview } from '../../api/overview.ts';
import { attentionPath } from '../../api/places.ts';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { SeverityBadge } from '../../parts/severity.tsx';
import { Link } from '../../route.tsx';

const FIRST = 6;

/** What to do now, the most urgent first. */
export function AttentionPanel({ attention }: { readonly attention: Overview['attention'] }) {
  const { count, first } = attention;
  const [all, setAll] = useState(false);
  const shown = all ? first : first.slice(0, FIRST);
  return (
    <Panel
      title="Needs attention"
      aside={count > 0 && <span class="muted">{count === 1 ? '1 matter' : `${count.toLocaleString()} matters`}</span>}
    >
      {count === 0 ? (
        <p class="all-well">Nothing needs attention now.</p>
      ) : (
        <ul class="attention">
          {shown.map((one, index) => (
            <Item key={`${one.code} ${one.zone?.id} ${one.text} ${index}`} attention={one} />
          ))}
        </ul>
      )}
      {!all && first.length > FIRST && (
        <Button small kind="quiet" onPress={() => setAll(true)}>
          Show {first.length - FIRST} more
        </Button>
      )}
      {all && count > first.length && (
        <p class="hint">These are the {first.length} most urgent. The list of zones has those of each zone.</p>
      )}
    </Panel>
  );
}

function Item({ attention }: { readonly attention: Attention }) {
  const { severity, text, fix, zone, hostname } = attention;
  const about = hostname ?? zone?.name ?? 'Installation';
  return (
    <li>
      <SeverityBadge severity={severity} />
      <div>
        <p class="break">
          <strong>{about}</strong>: {text}
        </p>
        {fix !== '' && <p class="hint">{fix}</p>}
      </div>
      <Link to={attentionPath(attention)} class="button small" label={`See to it: ${about}, ${text}`}>
        See to it
      </Link>
    </li>
  );
}
