import { useState } from 'preact/hooks';
import { NOTICE_CODES } from '../../api/notice.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { counted } from '../../parts/counted.ts';
import { useGuarded } from '../../parts/guarded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Switch } from '../../parts/switch.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import { type Channel, CHANNELS, impactPath, type ChannelWithSecret, LEAST } from './channel.ts';
import { ChannelForm } from './channel-form.tsx';
import { Deliveries } from './deliveries.tsx';
import { SecretOnce } from './secret-once.tsx';

type Open =
  | { readonly kind: 'form'; readonly channel: Channel | null }
  | { readonly kind: 'deliveries'; readonly channel: Channel }
  | { readonly kind: 'secret'; readonly channel: ChannelWithSecret };

/** The ways out for notices: who is told when nobody looks at this page. */
export function Channels() {
  const [channels, refresh] = useResource<readonly Channel[]>(CHANNELS, { every: 30_000 });
  const [open, setOpen] = useState<Open | null>(null);
  const guarded = useGuarded<unknown>(null);
  const mayEdit = may('notices:edit');
  const saved = (channel: ChannelWithSecret | Channel) => {
    refresh();
    setOpen('secret' in channel && channel.secret !== null ? { kind: 'secret', channel } : null);
  };
  const columns = columnsOf({ mayEdit, open: setOpen, guarded, refresh, saved });
  return (
    <Panel
      title="Channels"
      about="Webhooks and mail addresses that notices are sent to. Without one, they are seen here only."
      aside={
        mayEdit && (
          <Button small onPress={() => setOpen({ kind: 'form', channel: null })}>
            Add a channel
          </Button>
        )
      }
    >
      <Awaited
        of={channels}
        retry={refresh}
        lines={3}
        empty={
          <p>
            No channel yet: nobody is told unless they look here. Mail needs a mail server (postern up --smtp); webhooks
            need nothing.
          </p>
        }
      >
        {(rows) => <Table caption="Channels" columns={columns} rows={rows} keyOf={({ id }) => id} />}
      </Awaited>
      {open?.kind === 'form' && <ChannelForm channel={open.channel} onClose={() => setOpen(null)} onSaved={saved} />}
      {open?.kind === 'deliveries' && <Deliveries channel={open.channel} onClose={() => setOpen(null)} />}
      {open?.kind === 'secret' && <SecretOnce channel={open.channel} onClose={() => setOpen(null)} />}
      {guarded.view}
    </Panel>
  );
}

interface Hands {
  readonly mayEdit: boolean;
  readonly open: (what: Open) => void;
  readonly guarded: ReturnType<typeof useGuarded<unknown>>;
  readonly refresh: () => void;
  readonly saved: (channel: ChannelWithSecret) => void;
}

function columnsOf(hands: Hands): readonly Column<Channel>[] {
  const { mayEdit, guarded, refresh } = hands;
  const toggle = (channel: Channel, enabled: boolean) => {
    const { id, name } = channel;
    guarded.begin({
      title: `Switch ${name} ${enabled ? 'on' : 'off'}`,
      act: enabled ? 'Switch it on' : 'Switch it off',
      done: `${name} is ${enabled ? 'on' : 'off'}.`,
      call: { method: 'PATCH', path: `${CHANNELS}/${id}`, body: { enabled } },
      change: { kind: 'channel_change', change: { enabled } },
      impact: impactPath(channel),
      onDone: refresh,
    });
  };
  return [
    { title: 'Name', names: true, cell: ({ name }) => name },
    { title: 'Leads to', cell: (channel) => <Target channel={channel} /> },
    { title: 'Takes', optional: true, cell: (channel) => <Taken channel={channel} /> },
    {
      title: 'On',
      cell: (channel) => (
        <Switch
          hideLabel
          label={`On: ${channel.name}`}
          on={channel.enabled}
          disabled={!mayEdit}
          onChange={(enabled) => toggle(channel, enabled)}
        />
      ),
    },
    { title: 'Actions', align: 'end', cell: (channel) => <ChannelActs channel={channel} hands={hands} /> },
  ];
}

function Target({ channel: { kind, url, to } }: { readonly channel: Channel }) {
  return (
    <>
      <span class="tag">{kind === 'webhook' ? 'Webhook' : 'Mail'}</span> <span class="mono break">{url ?? to}</span>
    </>
  );
}

function Taken({ channel: { severity, codes, zones, accounts } }: { readonly channel: Channel }) {
  const least = LEAST.find(({ value }) => value === severity)?.text ?? severity;
  const limits = [
    ...(codes === null ? [] : [counted(codes.length, 'kind')]),
    ...(zones === 'all' ? [] : [counted(zones.length, 'zone')]),
    ...(accounts === 'all' ? [] : [counted(accounts.length, 'account')]),
  ];
  return (
    <span class="muted" title={codes?.map(codeWords).join('\n')}>
      {[least, ...limits].join(', ')}
    </span>
  );
}

function codeWords(code: string): string {
  return NOTICE_CODES.find(({ value }) => value === code)?.text ?? code;
}

function ChannelActs({ channel, hands }: { readonly channel: Channel; readonly hands: Hands }) {
  const { mayEdit, open, guarded, refresh, saved } = hands;
  const { id, name } = channel;
  const path = `${CHANNELS}/${id}`;
  const test = () =>
    guarded.begin({
      title: `Test ${name}`,
      act: 'Send a test',
      done: `A test is on its way to ${name}: its deliveries show what becomes of it.`,
      call: { method: 'POST', path: `${path}/test` },
      change: null,
    });
  const roll = () =>
    guarded.begin({
      title: `Give ${name} another secret`,
      act: 'Give it another secret',
      done: `${name} has another secret.`,
      call: { method: 'POST', path: `${path}/roll` },
      change: { kind: 'channel_roll' },
      impact: impactPath(channel),
      final: true,
      onDone: (channel) => saved(channel as ChannelWithSecret),
    });
  const remove = () =>
    guarded.begin({
      title: `Delete ${name}`,
      act: 'Delete it',
      done: `${name} is gone.`,
      call: { method: 'DELETE', path },
      change: { kind: 'channel_delete' },
      impact: impactPath(channel),
      final: true,
      about: 'Nobody is told by this channel any more. Its secret goes with it.',
      onDone: refresh,
    });
  const acts = [
    { text: 'Deliveries', label: `Deliveries of ${name}`, press: () => open({ kind: 'deliveries', channel }) },
    ...(mayEdit ? [{ text: 'Test', label: `Test ${name}`, press: test }] : []),
    ...(mayEdit ? [{ text: 'Change', label: `Change ${name}`, press: () => open({ kind: 'form', channel }) }] : []),
    ...(mayEdit && channel.kind === 'webhook'
      ? [{ text: 'New secret', label: `New secret for ${name}`, press: roll }]
      : []),
    ...(mayEdit ? [{ text: 'Delete', label: `Delete ${name}`, press: remove }] : []),
  ];
  return (
    <span class="channel-acts">
      {acts.map(({ text, label, press }) => (
        <Button key={text} small kind="quiet" label={label} onPress={press}>
          {text}
        </Button>
      ))}
    </span>
  );
}
