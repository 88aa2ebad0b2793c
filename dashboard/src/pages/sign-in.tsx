import { useState } from 'preact/hooks';
import type { ApiProblem } from '../api/call.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Gate } from '../parts/gate.tsx';
import { Problems } from '../parts/problems.tsx';
import { signIn } from '../session.ts';

/** Exchanges a token for a session. The token is kept nowhere in the browser. */
export function SignIn({ why }: { readonly why: readonly ApiProblem[] }) {
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly ApiProblem[]>([]);
  const submit = async () => {
    setBusy(true);
    setProblems([]);
    setProblems(await signIn(token.trim()));
    setBusy(false);
  };
  return (
    <main class="sign-in">
      <Form class="sign-in-form" problems={problems} busy={busy} onSubmit={submit}>
        <Gate />
        <h1>Sign in to Postern</h1>
        {problems.length === 0 && <Problems problems={why} />}
        <TextField
          label="API token"
          type="password"
          autocomplete="current-password"
          required
          mono
          value={token}
          onInput={setToken}
          problems={problems}
          hint={
            <>
              The first start of <code>postern up</code> writes one with all permissions to <code>bootstrap-token</code>{' '}
              in its data directory. Others are made with <code>postern tokens create</code>.
            </>
          }
        />
        <Button type="submit" kind="primary" busy={busy}>
          Sign in
        </Button>
      </Form>
    </main>
  );
}
