import { useState } from 'preact/hooks';
import type { ApiProblem } from '../../api/call.ts';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/copy.tsx';
import { Dialog, DialogActs } from '../../parts/dialog.tsx';
import { Note, Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { ask, sessionState, signIn } from '../../session.ts';
import { TOKENS, type TokenWithText } from './token.ts';

interface ShownOnceProps {
  readonly token: TokenWithText;
  /** It shall take the place of the one that somebody has signed in with. */
  readonly isSuccessor: boolean;
  readonly onClose: () => void;
}

/** The text of a token, which nobody can read again. */
export function ShownOnce({ token, isSuccessor, onClose }: ShownOnceProps) {
  const [warned, warn] = useState(false);
  const { busy, problems, exchange } = useExchange(token);
  return (
    <Dialog title={`The token ${token.name}`} onClose={() => (warned ? onClose() : warn(true))}>
      <p>Keep it now, in a password manager or where it is used: Postern keeps a hash of it alone.</p>
      <Code label="Token" text={token.token} />
      {warned && (
        <Note kind="warning">
          <p>It is not shown again. Close this once you have it; a lost one is rolled or revoked.</p>
        </Note>
      )}
      <Problems problems={problems} />
      <DialogActs>
        <Button kind={isSuccessor ? 'plain' : 'primary'} onPress={onClose}>
          I have it
        </Button>
        {isSuccessor && (
          <Button kind="primary" busy={busy} onPress={() => void exchange()}>
            I have it: sign in with it, and revoke the bootstrap token
          </Button>
        )}
      </DialogActs>
    </Dialog>
  );
}

/** Ends the token of this session in favour of the one that was made, which may be one that could not end it. */
function useExchange(token: TokenWithText) {
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly ApiProblem[]>([]);
  const exchange = async () => {
    const session = sessionState.peek();
    if (session.kind !== 'in') return;
    setBusy(true);
    const former = session.session.token.id;
    const revoked = await ask({ method: 'DELETE', path: `${TOKENS}/${former}` });
    const refused = revoked.kind === 'answer' ? await signIn(token.token) : revoked.problems;
    // Where all went well, the page begins anew with the other token.
    if (refused.length === 0) say(`You are signed in with ${token.name}. The bootstrap token is revoked.`);
    setProblems(refused);
    setBusy(false);
  };
  return { busy, problems, exchange };
}
