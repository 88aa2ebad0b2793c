import { useState } from 'preact/hooks';
import type { ApiProblem, Call } from '../../api/call.ts';
import { problemsAt, problemsElsewhere, useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { useDraft } from '../../parts/draft.ts';
import { TextField } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import type { DnsRecord } from '../dns/record.ts';
import { type OriginDraft, originProblems } from './origin-draft.ts';
import { switchedPullsOn } from './pulls-on.ts';

const NO_ORIGIN: OriginDraft = { content: '', port: '' };

/** The call that adds the record of a hostname. What is no address and no port is left for the API to say. */
export function recordCall(zone: string, hostname: string, { content, port }: OriginDraft): Call {
  const text = content.trim();
  return {
    method: 'POST',
    path: `/client/v4/zones/${zone}/dns_records`,
    body: {
      type: recordType(text),
      name: hostname,
      content: text,
      proxied: true,
      ...(port.trim() === '' ? {} : { origin: { https_port: /^\d+$/.test(port.trim()) ? Number(port) : port.trim() } }),
    },
  };
}

const USUAL = { https: 443, http: 80 } as const;

/** Where on the origin the edge knocks: of plain HTTP only where somebody said something of it. */
export function atOrigin({ origin }: Pick<DnsRecord, 'origin'>): string {
  const { https_port: https = USUAL.https, http_port: http = USUAL.http, server_name, host_header } = origin ?? {};
  return [
    `HTTPS at port ${https}`,
    ...(http === USUAL.http ? [] : [`plain HTTP at ${http}`]),
    ...(server_name ? [`as ${server_name}`] : []),
    ...(host_header ? [`Host ${host_header}`] : []),
  ].join(', ');
}

/** By what the address looks like; whether it is one the API says. */
function recordType(content: string): 'A' | 'AAAA' | 'CNAME' {
  if (content.includes(':')) return 'AAAA';
  return /[a-z]/i.test(content) ? 'CNAME' : 'A';
}

interface OriginFieldsProps {
  readonly draft: OriginDraft;
  readonly change: (part: Partial<OriginDraft>) => void;
  readonly problems: readonly ApiProblem[];
}

/** Where the origin of a hostname is. */
export function OriginFields({ draft, change, problems }: OriginFieldsProps) {
  return (
    <div class="fields">
      <TextField
        label="Address of the origin"
        required
        value={draft.content}
        onInput={(content) => change({ content })}
        problems={problemsAt(problems, '/content')}
      />
      <TextField
        label="HTTPS port of the origin"
        value={draft.port}
        onInput={(port) => change({ port })}
        problems={problemsAt(problems, '/origin')}
        hint="443 where left out."
      />
    </div>
  );
}

interface RecordFieldsProps {
  readonly zone: Zone;
  readonly hostname: string;
  readonly onAdded: () => void;
}

/** Adds the record of a hostname. */
export function RecordFields({ zone, hostname, onAdded }: RecordFieldsProps) {
  const [draft, change, done] = useDraft<OriginDraft>(`setup ${zone.id} ${hostname} record`, NO_ORIGIN);
  const action = useAction();
  const [seen, setSeen] = useState<readonly ApiProblem[]>([]);
  const problems = [...seen, ...action.problems];
  const call = recordCall(zone.id, hostname, draft);
  if (!may('dns:edit')) return <p>No record leads to {hostname}, and this token may add none.</p>;
  const add = async () => {
    const seen = originProblems(draft);
    setSeen(seen);
    if (seen.length > 0) return;
    if ((await action.run(call)) === null) return;
    done();
    const isOn = await switchedPullsOn(zone.id, hostname);
    say(`Added the record of ${hostname}.${isOn ? ' The edge shows its certificate there.' : ''}`);
    onAdded();
  };
  return (
    <Form problems={problems} busy={action.busy} onSubmit={add}>
      <Problems problems={problemsElsewhere(problems, ['/content', '/origin'])} />
      <OriginFields draft={draft} change={change} problems={problems} />
      <div class="row">
        <Button type="submit" kind="primary" busy={action.busy}>
          Add the record
        </Button>
      </div>
      <ApiCall call={call} of="Add the record" />
    </Form>
  );
}
