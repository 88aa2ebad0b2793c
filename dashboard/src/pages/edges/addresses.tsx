import { useState } from 'preact/hooks';
import type { View } from '../../../../src/wire/answer-fields.ts';
import type { EDGE_ADDRESSES } from '../../../../src/wire/edge-addresses.ts';
import type { Call } from '../../api/call.ts';
import { useResource } from '../../api/resource.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { CallForm } from '../../parts/call-form.tsx';
import { Code } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { AreaField } from '../../parts/field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { say } from '../../parts/toast.tsx';
import { may } from '../../session.ts';

const PATH = '/postern/v1/edges/addresses';

/** From where the edges connect, for packet filters before the origins. */
export function Addresses() {
  const [addresses, refresh] = useResource<View<typeof EDGE_ADDRESSES>>(PATH);
  const [editing, setEditing] = useState(false);
  const networks = addresses.kind === 'ready' ? addresses.value.networks : [];
  return (
    <Panel
      title="Addresses of the edges"
      about="From where the edges connect to origins, as you enter it: an edge behind another router does not know its own. Packet filters of origins are made of it; the edges themselves do not change."
      aside={
        may('edges:edit') &&
        addresses.kind === 'ready' && (
          <Button small onPress={() => setEditing(true)}>
            Change
          </Button>
        )
      }
    >
      <Awaited of={addresses} retry={refresh} lines={3}>
        {(value) =>
          value.networks.length === 0 ? (
            <p class="muted">None entered yet: without them, no packet filter can be made for origins.</p>
          ) : (
            <Code label="networks" text={value.networks.join('\n')} />
          )
        }
      </Awaited>
      {editing && (
        <AddressesForm
          networks={networks}
          onClose={(changed) => {
            setEditing(false);
            if (changed) refresh();
          }}
        />
      )}
    </Panel>
  );
}

interface AddressesFormProps {
  readonly networks: readonly string[];
  readonly onClose: (changed: boolean) => void;
}

function AddressesForm({ networks, onClose }: AddressesFormProps) {
  const [draft, change, done] = useDraft('edge addresses', { text: networks.join('\n') });
  const action = useAction();
  const call: Call = {
    method: 'PUT',
    path: PATH,
    body: { networks: draft.text.split(/[\s,]+/).filter((one) => one !== '') },
  };
  const submit = async () => {
    if ((await action.run(call)) === null) return;
    done();
    say('The addresses of the edges are saved. Packet filters of origins have to be made anew, too.');
    onClose(true);
  };
  return (
    <Dialog title="Addresses of the edges" onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act="Save the addresses"
        pointers={['/networks']}
        onSubmit={submit}
        onCancel={() => onClose(false)}
      >
        <AreaField
          label="Networks"
          value={draft.text}
          rows={6}
          placeholder={'192.0.2.0/24\n2001:db8::/48'}
          hint="One a line: an address, or a network such as 192.0.2.0/24."
          problems={problemsAt(action.problems, '/networks')}
          onInput={(text) => change({ text })}
        />
      </CallForm>
    </Dialog>
  );
}
