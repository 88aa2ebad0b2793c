import { readFileSync } from 'node:fs';
import { counts } from '../control/authenticate.ts';
import type { ControlPlane } from '../control/plane.ts';
import type { Invitation, SignInCode } from '../control/sign-in-code.ts';
import { tokenHash } from '../control/tokens.ts';
import type { Instant } from '../domain/ids.ts';
import { type HostPort, isLoopback } from './host-port.ts';

interface Inviting {
  readonly plane: Pick<ControlPlane, 'tokenByHash'>;
  /** Where the bootstrap token lies. */
  readonly file: string;
  readonly now: Instant;
  readonly api: HostPort;
  readonly tls: boolean;
}

/**
 * A code that signs in as the bootstrap token would; `null` where that has no file or counts no more. None either where
 * the API is open to a network without TLS: the code and the cookie would go over it for everybody to read.
 */
export function invite(code: SignInCode, { plane, file, now, api, tls }: Inviting): Invitation | null {
  if (!tls && !isLoopback(api)) return null;
  const hash = hashIn(file);
  const token = hash === null ? null : plane.tokenByHash(hash);
  return token !== null && counts(token, now) ? code.issue(token.hash) : null;
}

function hashIn(file: string): string | null {
  try {
    return tokenHash(readFileSync(file, 'utf8').trim());
  } catch {
    return null;
  }
}
