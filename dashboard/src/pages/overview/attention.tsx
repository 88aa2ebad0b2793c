import { useState } from 'preact/hooks';
import type { Attention, Overview } from '../../api/overview.ts';
import { attentionPath } from '../../api/places.ts';
import { Button } from '../../parts/button.tsx';
import { counted } from '../../parts/counted.ts';
import { Panel } from '../../parts/panel.tsx';
import { SeverityBadge } from '../../parts/severity.tsx';
import { withoutCommands } from '../../parts/fix-words.ts';
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
      aside={count > 0 && <span class="muted">{counted(count, 'thing to see to', 'things to see to')}</span>}
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

/** The same without the name that stands before it already. */
function besideName(text: string, name: string): string {
  return text.replace(`: ${name} at `, ', at ');
}

function Item({ attention }: { readonly attention: Attention }) {
  const { severity, text, fix, zone, hostname, page } = attention;
  const about = hostname ?? zone?.name ?? 'Installation';
  return (
    <li>
      <SeverityBadge severity={severity} />
      <div>
        <p class="break">
          <strong>{about}</strong>: {besideName(text, about)}
        </p>
        {fix !== '' && <p class="hint">{withoutCommands(fix)}</p>}
      </div>
      <Link
        to={attentionPath(attention)}
        class="button small"
        label={`${page === 'setup' ? 'Go on' : 'See to it'}: ${about}, ${text}`}
      >
        {page === 'setup' ? 'Go on' : 'See to it'}
      </Link>
    </li>
  );
}
