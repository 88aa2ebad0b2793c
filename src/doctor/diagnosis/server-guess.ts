import type { Answer, KnownPage, Observation } from '../observation.ts';
import { SERVER_KINDS, type ServerKind } from './fixes.ts';

/** Which server ends TLS, as far as its behaviour tells. */
export interface ServerGuess {
  readonly kind: ServerKind | null;
  /** A page of its own making says so, and not only a field that what stands behind it may have set. */
  readonly certain: boolean;
}

// Said by what ends TLS itself, and by nothing that stands behind it.
const MAKERS: Readonly<Partial<Record<KnownPage, ServerKind>>> = {
  nginx_no_certificate: 'nginx',
  nginx_certificate_error: 'nginx',
  nginx_plain_http: 'nginx',
  apache_plain_http: 'apache',
};

// nginx lets the handshake through and answers 400: who sends these is another.
const CERTIFICATE_ALERTS: readonly number[] = [42, 43, 44, 45, 46, 48, 116];

/** Guesses the server from its pages and its Server field. */
export function serverOf(seen: readonly Observation[]): ServerGuess {
  const answers = seen.flatMap(({ saw }) => (saw.kind === 'answered' ? [saw.answer] : []));
  const makers = new Set(answers.flatMap(({ page }) => (page === null ? [] : (MAKERS[page] ?? []))));
  const [maker] = makers;
  if (maker !== undefined && makers.size === 1) return { kind: maker, certain: true };
  const hints = new Set(answers.flatMap(hintsIn));
  if (seen.some(({ saw }) => saw.kind === 'alert' && CERTIFICATE_ALERTS.includes(saw.number))) hints.delete('nginx');
  const [hint] = hints;
  return { kind: hint !== undefined && hints.size === 1 ? hint : null, certain: false };
}

function hintsIn({ page, server }: Answer): readonly ServerKind[] {
  const made = SERVER_KINDS.filter((kind) => page === `${kind}_error`);
  return made.length > 0 ? made : SERVER_KINDS.filter((kind) => kind === server);
}
