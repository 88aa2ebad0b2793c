import type { Call } from '../../api/call.ts';
import { useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { may } from '../../session.ts';
import type { Run } from './lock.ts';

interface LookNowProps {
  readonly zone: string;
  /** Whose origins; all of the zone where it is `null`. */
  readonly hostname: string | null;
  /** Whose origins as well. */
  readonly others?: readonly string[];
  readonly onDone: () => void;
  /** What the button says. */
  readonly label?: string;
}

/** Has origins looked at in every way, now: what the button does, and what is said meanwhile. */
export function useLookNow({ zone, hostname, others = [], onDone, label = 'Look now' }: LookNowProps) {
  const action = useAction();
  const body = hostname === null ? {} : { hostname, ...(others.length === 0 ? {} : { hostnames: others }) };
  const call: Call = { method: 'POST', path: `/postern/v1/zones/${zone}/attestations`, body };
  const look = async () => {
    const run = await action.run<Run>(call);
    if (run === null) return;
    say(runText(run));
    onDone();
  };
  const button = may('ssl:edit') ? (
    <>
      <span class="hint look-progress" role="status">
        {action.busy && 'Knocking as a stranger and as the edge: up to 30 seconds. It goes on if you leave.'}
      </span>
      <Button kind="primary" busy={action.busy} onPress={() => void look()}>
        {action.busy ? 'Looking' : label}
      </Button>
    </>
  ) : (
    <p class="hint">To look now needs the permission ssl:edit. Origins are looked at by themselves too.</p>
  );
  return { button, problems: <Problems problems={action.problems} />, call: <ApiCall call={call} of="Look now" /> };
}

function runText({ waiting, attestations }: Run): string {
  const looked = attestations.length;
  const locked = attestations.filter(({ verdict }) => verdict === 'locked').length;
  const rest = waiting === 0 ? '' : ` ${waiting} wait for their turn and are looked at by themselves.`;
  if (looked === 0) return waiting === 0 ? 'There is no origin to look at.' : rest.trim();
  if (looked === 1) return `The origin is ${locked === 1 ? 'locked' : 'not locked'}.${rest}`;
  return `${locked} of ${looked} origins are locked.${rest}`;
}
