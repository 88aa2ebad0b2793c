import { useResource } from '../../api/resource.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog, DialogActs } from '../../parts/dialog.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import { type Token, TOKENS } from './token.ts';

/** A browser that is signed in with a token, as `GET /postern/v1/tokens/:id/sessions` has it. */
interface TokenSession {
  readonly id: string;
  readonly created_on: string;
  readonly expires_on: string;
  readonly last_used_on: string | null;
  readonly last_used_from: string | null;
  readonly current: boolean;
}

/** A sign-in is no event. */
const LOOK_EVERY = 5_000;

interface SessionsProps {
  readonly token: Token;
  readonly onClose: () => void;
}

/** Who is signed in with a token, and a way to end that. */
export function Sessions({ token, onClose }: SessionsProps) {
  const path = `${TOKENS}/${token.id}/sessions`;
  const [sessions, refresh] = useResource<readonly TokenSession[]>(path, { every: LOOK_EVERY });
  const { end, endAll, view } = useEnding(token, { path, refresh });
  const mayEdit = may('tokens:edit');
  const all = sessions.kind === 'ready' ? sessions.value : [];
  const others = all.filter(({ current }) => !current);
  return (
    <Dialog wide title={`Signed in with ${token.name}`} onClose={onClose}>
      <p class="about">
        Each browser that exchanged the token for a session. Ending one signs that browser out at once; the token itself
        stays.
      </p>
      <Awaited of={sessions} retry={refresh} lines={3} empty={<p>Nobody is signed in with it.</p>}>
        {(rows) => (
          <Table
            caption={`Signed in with ${token.name}`}
            rows={rows}
            keyOf={({ id }) => id}
            columns={mayEdit ? [...COLUMNS, actions(end)] : COLUMNS}
          />
        )}
      </Awaited>
      <ApiCall call={{ method: 'GET', path }} />
      {!mayEdit && all.length > 0 && <p class="hint">To end one needs the permission tokens:edit.</p>}
      <DialogActs>
        <Button onPress={onClose}>Close</Button>
        {mayEdit && others.length > 0 && (
          <Button kind="danger" onPress={() => endAll(others.length, others.length < all.length)}>
            {others.length < all.length ? 'End all others' : 'End all'}
          </Button>
        )}
      </DialogActs>
      {view}
    </Dialog>
  );
}

const COLUMNS: readonly Column<TokenSession>[] = [
  {
    title: 'Signed in',
    names: true,
    cell: (session) => (
      <>
        <span class="token-name">
          <Moment at={session.created_on} full />
          {session.current && <span class="tag">this session</span>}
        </span>
        <LastCall of={session} />
      </>
    ),
  },
  { title: 'Ends', optional: true, cell: ({ expires_on }) => <Moment at={expires_on} /> },
];

function LastCall({ of: { last_used_on: at, last_used_from: from } }: { readonly of: TokenSession }) {
  if (at === null) return <span class="hint block">No call since Postern started</span>;
  return (
    <span class="hint block break">
      Last call <Moment at={at} />
      {from !== null && ` from ${from}`}
    </span>
  );
}

function actions(end: (session: TokenSession) => void): Column<TokenSession> {
  return {
    title: 'Actions',
    align: 'end',
    cell: (session) => (
      <Button small kind="quiet" label={`End the session ${session.id}`} onPress={() => end(session)}>
        End
      </Button>
    ),
  };
}

interface Ending {
  readonly path: string;
  readonly refresh: () => void;
}

function useEnding({ name }: Token, { path, refresh }: Ending) {
  const guarded = useGuarded<unknown>(null);
  const end = ({ id, current }: TokenSession) =>
    guarded.begin({
      title: 'End a session',
      act: 'End it',
      done: 'The session has ended.',
      about: current
        ? 'This is your own session: you are signed out here, and have to sign in again.'
        : `That browser is signed out at once. Who holds the text of ${name} can sign in with it again: roll the token where it is in other hands.`,
      call: { method: 'DELETE', path: `${path}/${id}` },
      change: null,
      final: true,
      onDone: refresh,
    });
  const endAll = (count: number, isOwn: boolean) =>
    guarded.begin({
      title: isOwn ? `End all others of ${name}` : `End all sessions of ${name}`,
      act: isOwn ? 'End all others' : 'End all',
      done: `${count === 1 ? 'One session has' : `${count.toLocaleString()} sessions have`} ended.`,
      about: `${count === 1 ? 'One browser is' : `${count.toLocaleString()} browsers are`} signed out at once${isOwn ? '; this one stays signed in' : ''}. Who holds the text of ${name} can sign in with it again: roll the token where it is in other hands.`,
      call: { method: 'DELETE', path },
      change: null,
      final: true,
      onDone: refresh,
    });
  return { end, endAll, view: guarded.view };
}
