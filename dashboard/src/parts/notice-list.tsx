import type { Notice } from '../api/notice.ts';
import { Link } from '../route.tsx';
import { zonePath } from '../zone.tsx';
import { Moment } from './moment.tsx';
import { SeverityBadge } from './severity.tsx';
import '../style/notice-list.css';

interface NoticeListProps {
  readonly notices: readonly Notice[];
  /** Whether each says which zone it is about. */
  readonly zone?: boolean;
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
            {notice.fix !== '' && <p class="hint">{notice.fix}</p>}
            {zone && notice.zone !== null && (
              <p class="hint">
                <Link to={zonePath(notice.zone.name)}>{notice.zone.name}</Link>
              </p>
            )}
          </div>
          <span class="hint">
            <Moment at={notice.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
