import type { Notice } from '../api/notice.ts';
import { Link } from '../route.tsx';
import { setupPath, zonePath } from '../paths.ts';
import { withoutCommands } from './fix-words.ts';
import { Moment } from './moment.tsx';
import { SeverityBadge } from './severity.tsx';
import '../style/notice-list.css';

interface NoticeListProps {
  readonly notices: readonly Notice[];
  /** Whether each says which zone it is about. */
  readonly zone?: boolean;
}

/** Where more is seen of it: the zone, and what of the zone it is about. */
function Places({ notice, zone }: { readonly notice: Notice; readonly zone: boolean }) {
  if (notice.zone === null) return null;
  const { name } = notice.zone;
  const { origin, rotation } = notice.about;
  const isOfLock = notice.code.startsWith('lock_') && origin !== null;
  if (!zone && !isOfLock && rotation === null) return null;
  return (
    <p class="hint notice-places">
      {zone && <Link to={zonePath(name)}>{name}</Link>}
      {isOfLock && (
        <Link to={zonePath(name, `/attestations/${encodeURIComponent(origin.hostname)}`)}>
          What was seen of {origin.hostname}
        </Link>
      )}
      {notice.code === 'lock_not_yet' && origin !== null && (
        <Link to={setupPath(name, origin.hostname)}>Go on with {origin.hostname}</Link>
      )}
      {rotation !== null && <Link to={zonePath(name, `/rotations/${rotation}`)}>Its rotation</Link>}
    </p>
  );
}

/** Notices, the newest first: what was said, of what, and what to do. */
export function NoticeList({ notices, zone = true }: NoticeListProps) {
  return (
    <ul class="notices">
      {notices.map((notice) => (
        <li key={notice.id}>
          <SeverityBadge severity={notice.severity} />
          <div class="notice-words">
            <p class="break">
              <strong>{notice.text}</strong>
              {notice.detail !== '' && `: ${notice.detail}`}
            </p>
            {notice.fix !== '' && <p class="hint">{withoutCommands(notice.fix)}</p>}
            <Places notice={notice} zone={zone} />
          </div>
          <span class="hint">
            <Moment at={notice.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
