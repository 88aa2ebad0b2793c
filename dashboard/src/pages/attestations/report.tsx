import { useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/copy.tsx';
import { download } from '../../parts/download.ts';
import { SelectField } from '../../parts/field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import type { Zone } from '../../zone.tsx';

const SPANS = [
  { value: '7', text: 'The last 7 days' },
  { value: '30', text: 'The last 30 days' },
  { value: '90', text: 'The last 90 days' },
  { value: '365', text: 'The last year' },
] as const;

const DAY = 86_400_000;

interface SignedReport {
  readonly report: string;
  readonly signature: string;
}

/** A report for an auditor: two files, and how to verify them without asking anybody. */
export function Report({ zone }: { readonly zone: Zone }) {
  const [days, setDays] = useState<(typeof SPANS)[number]['value']>('90');
  const action = useAction();
  // To the day: the call that is shown stays the same while one reads it.
  const since = new Date(Math.floor(Date.now() / DAY) * DAY - Number(days) * DAY).toISOString();
  const call: Call = { method: 'GET', path: `/postern/v1/zones/${zone.id}/attestation-report?since=${since}` };
  const take = async () => {
    const signed = await action.run<SignedReport>(call);
    if (signed === null) return;
    download(`locks-${zone.name}.json`, signed.report, 'application/json');
    download(`locks-${zone.name}.json.p7s`, signed.signature, 'application/x-pem-file');
    say('The report and its signature are in your downloads.');
  };
  return (
    <Panel
      title="Report for an auditor"
      about="Each origin with its verdict, what was found, and every change. It is signed below the root of the zone, so whoever has the bundle can verify it, years later too."
    >
      <Problems problems={action.problems} />
      <div class="report-form">
        <SelectField label="Changes of" required value={days} onChange={setDays} options={SPANS} />
        <Button busy={action.busy} onPress={() => void take()}>
          Download the signed report
        </Button>
      </div>
      <details class="verify">
        <summary>How to verify it</summary>
        <p class="hint">
          Anybody with OpenSSL can do this. A lock that was open between two looks and shut again is not in the report:
          nobody saw it.
        </p>
        <Code label="verification" text={verification(zone)} />
      </details>
      <ApiCall call={call} of="Signed report" />
    </Panel>
  );
}

function verification({ id, name }: Zone): string {
  const bundle = `${window.location.origin}/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`;
  return [
    `curl -sf '${bundle}' -o auditor.pem`,
    `openssl cms -verify -binary -content 'locks-${name}.json' \\`,
    `  -inform PEM -in 'locks-${name}.json.p7s' \\`,
    '  -CAfile auditor.pem -purpose any -out /dev/null',
  ].join('\n');
}
