import { Button } from '../../parts/button.tsx';
import { Note } from '../../parts/problems.tsx';
import { may, sessionState } from '../../session.ts';
import type { Token } from './token.ts';

interface BootstrapNoteProps {
  readonly tokens: readonly Token[];
  readonly exchange: () => void;
  readonly revoke: (token: Token) => void;
}

/** Why the first token should not stay the one that is used. */
export function BootstrapNote({ tokens, exchange, revoke }: BootstrapNoteProps) {
  const bootstrap = tokens.find(({ kind }) => kind === 'bootstrap');
  const state = sessionState.value;
  if (bootstrap === undefined || state.kind !== 'in' || !may('tokens:edit')) return null;
  if (bootstrap.id === state.session.token.id) {
    return (
      <Note kind="warning">
        <p>
          You are signed in with the bootstrap token. It may do everything, never ends, and lies in a file of the data
          directory: whoever reads that file is you.
        </p>
        <p class="hint">
          Make a token of your own in its place. Once you have kept its text and signed in with it, the bootstrap token
          is revoked, and its file may be deleted.
        </p>
        <Button onPress={exchange}>Replace the bootstrap token</Button>
      </Note>
    );
  }
  return (
    <Note>
      <p>The bootstrap token is still good: whoever reads its file in the data directory may do everything.</p>
      <Button onPress={() => revoke(bootstrap)}>Revoke the bootstrap token</Button>
    </Note>
  );
}
