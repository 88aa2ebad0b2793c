import { useState } from 'preact/hooks';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Search } from '../../parts/search.tsx';
import { may, sessionState, signIn } from '../../session.ts';
import { BootstrapNote } from './bootstrap-note.tsx';
import { TokenList } from './list.tsx';
import { Sessions } from './sessions.tsx';
import { ShownOnce } from './shown-once.tsx';
import { impactPath, NEW_TOKEN, SUCCESSOR, type Token, type TokenDraft, TOKENS, type TokenWithText } from './token.ts';
import { TokenForm } from './token-form.tsx';
import '../../style/pages/tokens.css';

const LOOK_EVERY = 30_000;

interface Shown {
  readonly token: TokenWithText;
  readonly isSuccessor: boolean;
}

/** Who may call the API, and what each may do. */
export function Page() {
  const [tokens, refresh] = useResource<readonly Token[]>(TOKENS, { every: LOOK_EVERY });
  const [writing, write] = useState<Token | TokenDraft | null>(null);
  const [shown, show] = useState<Shown | null>(null);
  const [looked, look] = useState<Token | null>(null);
  const { roll, revoke, view } = useDeeds(refresh, (token) => show({ token, isSuccessor: false }));
  const written = (token: Token | TokenWithText) => {
    if ('token' in token) show({ token, isSuccessor: writing === SUCCESSOR });
    write(null);
    refresh();
  };
  return (
    <>
      <PageHead title="Tokens" about="Who may call the API or sign in here, and what each of them may do.">
        {may('tokens:edit') && (
          <Button kind="primary" onPress={() => write(NEW_TOKEN)}>
            Make a token
          </Button>
        )}
      </PageHead>
      {tokens.kind === 'ready' && (
        <BootstrapNote tokens={tokens.value} exchange={() => write(SUCCESSOR)} revoke={revoke} />
      )}
      <Panel
        title="Tokens"
        about="The one of this session, and those with no more rights than it has."
        aside={<Search label="Search tokens" />}
      >
        <Awaited of={tokens} retry={refresh} lines={4}>
          {(all) => <TokenList tokens={all} sessions={look} change={write} roll={roll} revoke={revoke} />}
        </Awaited>
      </Panel>
      {writing !== null && <TokenForm of={writing} onClose={() => write(null)} onDone={written} />}
      {shown !== null && (
        <ShownOnce
          {...shown}
          onClose={() => {
            show(null);
            refresh();
          }}
        />
      )}
      {looked !== null && <Sessions token={looked} onClose={() => look(null)} />}
      {view}
    </>
  );
}

function useDeeds(refresh: () => void, show: (token: TokenWithText) => void) {
  const guarded = useGuarded<TokenWithText>(null);
  const state = sessionState.value;
  const own = state.kind === 'in' ? state.session.token.id : null;
  const roll = (token: Token) =>
    guarded.begin({
      title: `New text for ${token.name}`,
      act: 'Give it a new text',
      done: `${token.name} has another text.`,
      about: `The same token with the same rights gets another secret text, for where the present one was seen by others (a roll). The present text ends at once. ${token.id === own ? 'This session goes on; others that signed in with it end.' : ''}`,
      call: { method: 'POST', path: `${TOKENS}/${token.id}/roll` },
      change: { kind: 'token_roll' },
      impact: impactPath(token),
      final: true,
      onDone: (made) => {
        // The session has ended with the old text; without another one the new text would never be seen.
        void (token.id === own ? signIn(made.token) : Promise.resolve()).then(refresh);
        show(made);
      },
    });
  const revoke = (token: Token) =>
    guarded.begin({
      title: `Revoke ${token.name}`,
      act: 'Revoke it',
      done: `${token.name} is revoked.`,
      ...(token.id === own
        ? { about: 'You are signed in with it: have another token at hand that may do what you need.' }
        : {}),
      call: { method: 'DELETE', path: `${TOKENS}/${token.id}` },
      change: { kind: 'token_revoke' },
      impact: impactPath(token),
      final: true,
      onDone: refresh,
    });
  return { roll, revoke, view: guarded.view };
}
