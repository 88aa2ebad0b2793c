import { useState } from 'preact/hooks';
import { keepMadeToken, madeToken } from '../../api/made-token.ts';
import { useResource } from '../../api/resource.ts';
import { useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/copy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Problems } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { may, signedInAs } from '../../session.ts';
import { TOKENS, type Token } from '../tokens/token.ts';
import { forOrigin } from './addresses.tsx';
import { serviceEnd, serviceTokenBlock, serviceTokenName, TOKEN_FILE } from './service-token.ts';
import type { StepProps } from './step-props.ts';

interface ServiceTokenProps extends Pick<StepProps, 'zone' | 'setup'> {
  /** Installs the service, with the token that is in that file. */
  readonly commandWith: (tokenFile: string) => string;
}

/** A token for a service that goes on at the origin: that of the set-up ends long before. */
export function ServiceToken(props: ServiceTokenProps) {
  const { zone, setup } = props;
  return (
    <details>
      <summary>Have that service report as well: with a token that lasts</summary>
      <div class="setup-command">
        <p>
          Without a token it keeps the bundle, and tells nobody which one is in force. That of this set-up ends within
          seven days, and a service that has it falls silent then: give it one of its own.
        </p>
        {may('tokens:edit') ? (
          <OfItsOwn {...props} />
        ) : (
          <p>
            This token may make none: have somebody make one that may origin:report in {zone.name}, put it into{' '}
            <span class="mono">{TOKEN_FILE}</span> for root alone, then:
          </p>
        )}
        {(!may('tokens:edit') || madeToken(serviceTokenName(setup.hostname)) !== null) && (
          <Code label="Service that reports" text={forOrigin(props.commandWith(TOKEN_FILE))} />
        )}
        <p class="hint">
          It counts for {zone.name} alone. Where locks of other zones are on that machine too, make one for all of them
          on <Link to="/tokens">Tokens</Link>.
        </p>
      </div>
    </details>
  );
}

function OfItsOwn({ zone, setup }: ServiceTokenProps) {
  const name = serviceTokenName(setup.hostname);
  const token = madeToken(name);
  const [from] = useState(() => Date.now());
  const action = useAction();
  const end = serviceEnd(from, useOwnEnd());
  const body = { name, permissions: ['origin:report'], zones: [zone.id], expires_on: end };
  const call = { method: 'POST', path: TOKENS, body } as const;
  const make = async () => {
    const made = await action.run<{ readonly token: string }>(call);
    if (made !== null) keepMadeToken(name, made.token);
  };
  if (token !== null)
    return (
      <>
        <p role="status">
          The token is made, and shown until you reload this page or sign out. In a terminal of root at the origin, put
          it into a file that nobody else reads, then install the service with it:
        </p>
        <Code label="Token into a file" text={serviceTokenBlock(token)} />
      </>
    );
  return (
    <>
      <p>
        It may report of origins of {zone.name} and nothing else, until <Moment at={end} day />. Make it anew before.
      </p>
      <div class="row">
        <Button busy={action.busy} onPress={() => void make()}>
          Make a token for the service
        </Button>
      </div>
      <Problems problems={action.problems} />
      <ApiCall call={call} of="Make a token for the service" />
    </>
  );
}

/** When the token ends that is signed in: none can be made that outlives it. `null` where it has no end, or that is not known. */
function useOwnEnd(): string | null {
  const [tokens] = useResource<readonly Pick<Token, 'id' | 'expires_on'>[]>(may('tokens:read') ? TOKENS : null);
  const own = signedInAs();
  return tokens.kind === 'ready' ? (tokens.value.find(({ id }) => id === own)?.expires_on ?? null) : null;
}
