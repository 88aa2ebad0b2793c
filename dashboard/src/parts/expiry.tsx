import { Moment, now } from './moment.tsx';

const SOON = 30 * 86_400_000;

interface ExpiryProps {
  /** RFC 3339. */
  readonly at: string;
  /** When it is renewed without anybody's doing; then its end is nobody's worry. */
  readonly renews?: string | null;
  /** Somebody sees to it, as Postern does for what it makes itself. */
  readonly calm?: boolean;
}

/** The end of a certificate, and whether somebody has to do something about it. */
export function Expiry({ at, renews = null, calm = false }: ExpiryProps) {
  const left = Date.parse(at) - now.value;
  return (
    <span class="expiry">
      <Moment at={at} day />
      {left <= 0 ? (
        <span class="tag bad">Expired</span>
      ) : renews !== null ? (
        <span class="hint">
          renewed <Moment at={renews} />
        </span>
      ) : (
        <span class={left < SOON && !calm ? 'tag worry' : 'hint'}>
          <Moment at={at} />
        </span>
      )}
    </span>
  );
}
