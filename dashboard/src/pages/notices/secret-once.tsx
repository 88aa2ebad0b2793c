import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/copy.tsx';
import { Dialog, DialogActs } from '../../parts/dialog.tsx';
import { Note } from '../../parts/problems.tsx';
import type { ChannelWithSecret } from './channel.ts';

interface SecretOnceProps {
  readonly channel: ChannelWithSecret;
  readonly onClose: () => void;
}

/** The secret of a webhook, in sight this once. */
export function SecretOnce({ channel, onClose }: SecretOnceProps) {
  return (
    <Dialog title={`The secret of ${channel.name}`} onClose={onClose}>
      <Note kind="warning">
        <p>
          It is shown this once and kept nowhere in sight. Put it where notices are received: each is signed with it.
        </p>
      </Note>
      <Code label="secret" text={channel.secret ?? ''} />
      <DialogActs>
        <Button kind="primary" onPress={onClose}>
          I have it
        </Button>
      </DialogActs>
    </Dialog>
  );
}
