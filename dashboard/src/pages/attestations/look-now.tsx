import type { Call } from '../../api/call.ts';
import { useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { may } from '../../session.ts';
import type { Attestation, Run } from './lock.ts';

interface LookNowProps {
  readonly zone: string;
  /** Whose origins; all of the zone where it is `null`. */
  readonly hostname: string | null;
  /** Whose origins as well. */
  readonly others?: readonly string[];
  readonly onDone: () => void;
  /** What the button says. */
  readonly label?: string;
  /** It is not what is to be done next. */
  readonly isPlain?: boolean;
  /** What stood between the lock and Locked so far: where a look does not find it any more, it was mended. */
  readonly before?: readonly string[];
}

/** Has origins looked at in every way, now: what the button does, and what is said meanwhile. */
export function useLookNow({ zone, hostname, others = [], onDone, ...how }: LookNowProps) {
  const { label = 'Look now', isPlain = false, before = [] } = how;
  const action = useAction();
  const body = hostname === null ? {} : { hostname, ...(others.length === 0 ? {} : { hostnames: others }) };
  const call: Call = { method: 'POST', path: `/postern/v1/zones/${zone}/attestations`, body };
  const look = async () => {
    const run = await action.run<Run>(call);
    if (run === null) return;
    say(runText(run, before));
    onDone();
  };
  const button = may('ssl:edit') ? (
    <>
      <span class="hint look-progress" role="status">
        {action.busy && 'Knocking as a stranger and as the edge: up to 30 seconds. It goes on if you leave.'}
      </span>
      <Button kind={isPlain ? 'plain' : 'primary'} busy={action.busy} onPress={() => void look()}>
        {action.busy ? 'Looking' : label}
      </Button>
    </>
  ) : (
    <p class="hint">To look now needs the permission ssl:edit. Origins are looked at by themselves too.</p>
  );
  return { button, problems: <Problems problems={action.problems} />, call: <ApiCall call={call} of="Look now" /> };
}

function runText({ waiting, attestations }: Run, before: readonly string[]): string {
  const looked = attestations.length;
  const locked = attestations.filter(({ verdict }) => verdict === 'locked').length;
  const rest = waiting === 0 ? '' : ` ${waiting} wait for their turn and are looked at by themselves.`;
  const [one] = attestations;
  if (one === undefined) return waiting === 0 ? 'There is no origin to look at.' : rest.trim();
  const mended = mendedText(before, attestations);
  if (looked === 1) return `${oneText(one)}${mended}${rest}`;
  return `${locked} of ${looked} origins are locked.${mended}${rest}`;
}

const NOT_LOCKED = {
  open: ['The origin is open', 'A stranger gets in.'],
  broken: ['The origin is broken', 'The edge cannot pull.'],
  unknown: ['Not known to be locked', 'It could not be found out.'],
} as const;

// What is found first makes the verdict what it is.
function oneText({ verdict, found }: Attestation): string {
  if (verdict === 'locked') return 'The origin is locked.';
  const [head, otherwise] = NOT_LOCKED[verdict];
  return `${head}: ${found[0] ?? otherwise}`;
}

function mendedText(before: readonly string[], attestations: readonly Attestation[]): string {
  const still = new Set(attestations.flatMap(({ found }) => found));
  const mended = [...new Set(before)].filter((title) => !still.has(title));
  return mended.length === 0 ? '' : ` Mended: ${mended.join(' ')}`;
}
