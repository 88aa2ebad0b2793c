import { useState } from 'preact/hooks';
import { keepMadeToken, madeToken } from '../../api/made-token.ts';
import { useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/copy.tsx';
import { Problems } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { AddressFields, isHere } from './addresses.tsx';
import type { StepProps } from './step-props.ts';
import { tokenName } from './setup-tokens.tsx';
import { tokenLine } from './token-line.ts';

const DAYS = 7;

type AccessProps = Pick<StepProps, 'zone' | 'setup'>;

/** What the commands need on the origin: the address of this Postern, and a token of their own. */
export function OriginAccess({ zone, setup }: AccessProps) {
  const [until] = useState(() => new Date(Date.now() + DAYS * 86_400_000).toISOString());
  const token = madeToken(setup.hostname);
  const action = useAction();
  const permissions = ['zone:read', setup.choices.origin_ca === true ? 'ssl:edit' : 'ssl:read', 'origin:report'];
  const body = { name: tokenName(setup.hostname), permissions, zones: [zone.id], expires_on: until };
  const call = { method: 'POST', path: '/postern/v1/tokens', body } as const;
  const make = async () => {
    const made = await action.run<{ readonly token: string }>(call);
    if (made !== null) keepMadeToken(setup.hostname, made.token);
  };
  return (
    <div class="setup-access">
      <Program />
      <AddressFields />
      <div class="setup-command">
        {token === null ? (
          <MakeToken busy={action.busy} make={() => void make()} />
        ) : (
          <>
            <p role="status">
              The token is made. It counts for this zone alone, ends by itself in {DAYS} days, and is shown until you
              reload this page or sign out. Commands below can be copied with it.
            </p>
            <Code label="Token for the terminal on the origin" text={tokenLine(token)} />
            <p class="hint">It begins with a space: so most shells keep it out of their history.</p>
          </>
        )}
        {setup.choices.origin_ca === true && (
          <p class="hint">
            The Origin CA certifies by ssl:edit: a token that was made before, for another certificate, may not do that.
          </p>
        )}
        <Problems problems={action.problems} />
        <ApiCall call={call} of="Make the token" />
      </div>
    </div>
  );
}

/** The same for later steps, where most have it already. */
export function AccessAgain(props: AccessProps) {
  return (
    <details>
      <summary>Address and token for these commands</summary>
      <OriginAccess {...props} />
    </details>
  );
}

const PROGRAM = `git clone "$REPOSITORY" /opt/postern && cd /opt/postern && npm ci --omit=dev
export PATH="/opt/postern/node_modules/.bin:$PATH"`;

const HERE = 'export PATH="$PWD/node_modules/.bin:$PATH"';

function Program() {
  return (
    <details>
      <summary>The command postern is not there yet?</summary>
      <div class="setup-command">
        {isHere.value && (
          <>
            <p>Where the origin is this machine: in the directory that Postern was started from, in each terminal.</p>
            <Code label="Find the program" text={HERE} />
            <p>Where it is another one:</p>
          </>
        )}
        <p>Bring it there as it came to this machine; REPOSITORY is the address that it was cloned from.</p>
        <Code label="Install the program" text={PROGRAM} />
      </div>
    </details>
  );
}

function MakeToken({ busy, make }: { readonly busy: boolean; readonly make: () => void }) {
  if (!may('tokens:edit'))
    return <p>The commands need a token in POSTERN_TOKEN. This one may make none: have somebody make it for you.</p>;
  return (
    <>
      <p>
        The commands need a token in POSTERN_TOKEN. Make one that may do just this, or use{' '}
        <Link to="/tokens">one that is there</Link>.
      </p>
      <div class="row">
        <Button busy={busy} onPress={make}>
          Make a token for this origin
        </Button>
      </div>
    </>
  );
}
