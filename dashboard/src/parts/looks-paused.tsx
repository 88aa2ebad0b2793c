import { type LookPause, type LookSettings, lookSettingsPath } from '../api/looks.ts';
import { inZone, useResource } from '../api/resource.ts';
import { Link } from '../route.tsx';
import { may } from '../session.ts';
import { type Zone, zonePath } from '../zone.tsx';
import { Moment } from './moment.tsx';
import { Note } from './problems.tsx';

/** A pause ends by itself, which is no event. */
const ENDS_BY_ITSELF = 30_000;

interface LooksPausedProps {
  readonly paused: LookPause | null;
  /** Leads to where it is ended; left out on that page. */
  readonly zone?: Zone;
}

/** That nobody looks, until when and why: beside every verdict, which says less meanwhile. */
export function LooksPaused({ paused, zone }: LooksPausedProps) {
  if (paused === null) return null;
  return (
    <Note kind="warning">
      <p class="break">
        Nobody looks until <Moment at={paused.until} full />: {paused.paused_by} paused it ({paused.reason}). What was
        locked is not known to hold meanwhile.
        {zone !== undefined && (
          <>
            {' '}
            <Link to={zonePath(zone.name, '/attestations')}>Attestations</Link>
          </>
        )}
      </p>
    </Note>
  );
}

/** The same for pages that ask for nothing that says it. */
export function LooksPausedOf({ zone }: { readonly zone: Zone }) {
  const path = may('ssl:read') ? lookSettingsPath(zone.id) : null;
  const [settings] = useResource<LookSettings>(path, { on: inZone(zone.id), every: ENDS_BY_ITSELF });
  return settings.kind === 'ready' ? <LooksPaused paused={settings.value.paused} zone={zone} /> : null;
}
