import { useEffect, useState } from 'preact/hooks';
import { dropMadeToken } from '../../api/made-token.ts';
import { useResource } from '../../api/resource.ts';
import { useAction } from '../../parts/action.ts';
import { Button } from '../../parts/button.tsx';
import { Moment, now } from '../../parts/moment.tsx';
import { Problems } from '../../parts/problems.tsx';
import { may } from '../../session.ts';
import { type Token, TOKENS } from '../tokens/token.ts';
import { NO_SETUP, setupApi } from './setup.ts';

const LONGEST = 100;

/** What the token of a set-up is called. */
export function tokenName(hostname: string): string {
  return `set-up of ${hostname}`.slice(0, LONGEST);
}

/** The tokens of a set-up that count still. */
function useOwnTokens(hostname: string) {
  const isAllowed = may('tokens:read') && may('tokens:edit');
  const [tokens, again] = useResource<readonly SetupToken[]>(isAllowed ? TOKENS : null);
  const name = tokenName(hostname);
  const own = tokens.kind === 'ready' ? tokens.value.filter((one) => one.name === name && one.status === 'active') : [];
  return { own, again };
}

type SetupToken = Pick<Token, 'id' | 'name' | 'status' | 'expires_on' | 'last_used_on'>;

/** The tokens that a set-up made, and that count still: nobody needs them once it is over. */
export function SetupTokens({ hostname }: { readonly hostname: string }) {
  const { own, again } = useOwnTokens(hostname);
  return <Revoking {...{ hostname, own, again }} />;
}

/** The same where the set-up is over, and nobody sees its page any more. */
export function LeftTokens({ zone, hostname }: { readonly zone: string; readonly hostname: string }) {
  const { own, again } = useOwnTokens(hostname);
  const [wasLeft, setLeft] = useState(false);
  // What is under way still uses its token, and says so on its own page.
  const [setup] = useResource<unknown>(own.length === 0 ? null : setupApi(zone, hostname));
  const isOver = setup.kind === 'failed' && setup.problems.some(({ code }) => code === NO_SETUP);
  useEffect(() => setLeft((was) => was || isOver), [isOver]);
  return isOver || wasLeft ? <Revoking {...{ hostname, own, again }} isApart /> : null;
}

interface RevokingProps {
  readonly hostname: string;
  readonly own: readonly SetupToken[];
  readonly again: () => void;
  /** It stands on a page that is about something else. */
  readonly isApart?: boolean;
}

function Revoking({ hostname, own, again, isApart = false }: RevokingProps) {
  const action = useAction();
  const [revoked, setRevoked] = useState(0);
  const revoke = async () => {
    for (const { id } of own) {
      if ((await action.run({ method: 'DELETE', path: `${TOKENS}/${id}` })) === null) break;
      dropMadeToken(hostname);
      setRevoked((count) => count + 1);
    }
    again();
  };
  const [first] = own;
  if (first === undefined)
    return revoked === 0 ? null : (
      <p role="status">The token of {isApart ? 'its' : 'this'} set-up is revoked: its commands at the origin end.</p>
    );
  const isOne = own.length === 1;
  return (
    <div class={isApart ? 'note info' : 'setup-command'}>
      <Problems problems={action.problems} />
      <p>
        {isOne ? 'The token' : `${own.length} tokens`} of {isApart ? 'its' : 'this'} set-up still{' '}
        {isOne ? 'counts' : 'count'}
        {isOne && first.expires_on !== null && (
          <>
            , until <Moment at={first.expires_on} day />
          </>
        )}
        . <LastUse own={own} />
      </p>
      <div class="row">
        <Button busy={action.busy} onPress={() => void revoke()}>
          {isOne ? 'Revoke the token' : 'Revoke the tokens'}
        </Button>
      </div>
    </div>
  );
}

/** What has called within so long may still run: services ask every five minutes. */
const QUIET = 15 * 60_000;

/** Whether anything still calls with them, and what revoking does then. */
function LastUse({ own }: Pick<RevokingProps, 'own'>) {
  const last = own
    .flatMap(({ last_used_on: at }) => at ?? [])
    .toSorted()
    .at(-1);
  const them = own.length === 1 ? 'it' : 'them';
  if (last === undefined)
    return (
      <>
        Nothing ever used {them}: revoke {them}.
      </>
    );
  if (Math.max(now.value, Date.now()) - Date.parse(last) > QUIET)
    return (
      <>
        Nothing uses {them} any more, last <Moment at={last} />: revoke {them}.
      </>
    );
  return (
    <>
      Last used <Moment at={last} />. Whatever still runs with {them} at the origin ends, or falls silent, when{' '}
      {own.length === 1 ? 'it is' : 'they are'} revoked: a service that goes on reporting needs a token of its own.
    </>
  );
}
