import { useResource } from '../../api/resource.ts';
import { OneFinding, worstFirst } from '../attestations/findings.tsx';
import { originKey, tellsOfLocks } from '../attestations/lock.ts';
import type { AttestationDetail, Finding } from '../attestations/evidence.ts';
import { useLookNow } from '../attestations/look-now.tsx';
import { forOrigin } from './addresses.tsx';
import type { StepProps } from './step-props.ts';
import { isTelling } from './matrix.tsx';
import { useOriginConfig } from './origin-config.ts';
import { mendedAbove, mendedByBlock, mendedByCommand } from './mended.ts';
import { othersLookedAt } from './names-proved.tsx';

/** What a look found to stand between the set-up and its end: how to mend it, what shows it, and one button to look again. */
export function StandsBetween({ zone, setup, refresh }: StepProps) {
  const [about = setup.hostname] = setup.step.hostnames;
  const path = `/postern/v1/zones/${zone.id}/attestations/${encodeURIComponent(about)}`;
  const [seen, again] = useResource<readonly AttestationDetail[]>(path, { on: tellsOfLocks(zone.id) });
  const installed = useInstalled({ zone, setup });
  const { choices } = setup;
  const mended = (finding: Finding) =>
    mendedByBlock(mendedByCommand(mendedAbove(finding), choices, installed), { hostname: about, choices });
  const details = seen.kind === 'ready' ? seen.value.filter((one) => isTelling(one, setup)) : [];
  const between = details.flatMap(({ origin, evidence }) =>
    worstFirst(evidence?.findings.filter(({ decides }) => decides === true) ?? []).map((finding) => ({
      key: `${originKey(origin)} ${finding.code}`,
      finding,
    })),
  );
  const look = useLookNow({
    zone: zone.id,
    hostname: setup.hostname,
    others: othersLookedAt(setup),
    label: 'Look at the lock again',
    before: between.map(({ finding }) => finding.title),
    onDone: () => {
      again();
      refresh();
    },
  });
  return (
    <section class="setup-between" aria-labelledby="setup-between">
      <h3 id="setup-between">Mend this, then look again</h3>
      <ol class="findings">
        {between.map(({ key, finding }) => (
          <li key={key} class={`finding ${finding.severity}`}>
            <OneFinding finding={mended(finding)} isTold={finding.title === setup.step.why} />
          </li>
        ))}
      </ol>
      {look.problems}
      <div class="row">{look.button}</div>
      {look.call}
    </section>
  );
}

/** The command that the enforcing configuration was installed with; `null` where that was done by hand. */
function useInstalled({ zone, setup: { hostname, choices } }: Pick<StepProps, 'zone' | 'setup'>): string | null {
  const [config] = useOriginConfig(
    zone.id,
    hostname,
    choices.way === 'install' ? { ...choices, mode: 'enforce' } : null,
  );
  if (config.kind !== 'ready') return null;
  const command = config.value.commands.find(({ what }) => what === 'install');
  return command === undefined ? null : forOrigin(command.text);
}
