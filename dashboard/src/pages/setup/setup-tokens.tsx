import { useState } from 'preact/hooks';
import { dropMadeToken } from '../../api/made-token.ts';
import { useResource } from '../../api/resource.ts';
import { useAction } from '../../parts/action.ts';
import { Button } from '../../parts/button.tsx';
import { Problems } from '../../parts/problems.tsx';
import { may } from '../../session.ts';
import type { Token } from '../tokens/token.ts';

const LONGEST = 100;

/** What the token of a set-up is called. */
export function tokenName(hostname: string): string {
  return `set-up of ${hostname}`.slice(0, LONGEST);
}

/** The tokens that a set-up made, and that count still: nobody needs them once it is over. */
export function SetupTokens({ hostname }: { readonly hostname: string }) {
  const isAllowed = may('tokens:read') && may('tokens:edit');
  const [tokens, again] = useResource<readonly Pick<Token, 'id' | 'name' | 'status'>[]>(
    isAllowed ? '/postern/v1/tokens' : null,
  );
  const action = useAction();
  const [revoked, setRevoked] = useState(0);
  const name = tokenName(hostname);
  const own = tokens.kind === 'ready' ? tokens.value.filter((one) => one.name === name && one.status === 'active') : [];
  const revoke = async () => {
    for (const { id } of own) {
      if ((await action.run({ method: 'DELETE', path: `/postern/v1/tokens/${id}` })) === null) break;
      dropMadeToken(hostname);
      setRevoked((count) => count + 1);
    }
    again();
  };
  if (own.length === 0)
    return revoked === 0 ? null : (
      <p role="status">The token of this set-up is revoked: its commands at the origin end.</p>
    );
  return (
    <div class="setup-command">
      <Problems problems={action.problems} />
      <p>
        {own.length === 1 ? 'The token' : `${own.length} tokens`} of this set-up still{' '}
        {own.length === 1 ? 'counts' : 'count'}, at most seven days. Whatever runs with{' '}
        {own.length === 1 ? 'it' : 'them'} at the origin ends when {own.length === 1 ? 'it is' : 'they are'} revoked.
      </p>
      <div class="row">
        <Button busy={action.busy} onPress={() => void revoke()}>
          {own.length === 1 ? 'Revoke the token' : 'Revoke the tokens'}
        </Button>
      </div>
    </div>
  );
}
