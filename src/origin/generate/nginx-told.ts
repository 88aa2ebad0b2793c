/** What nginx tells the application of who came, and what it keeps callers from telling it. */

import type { OriginRequirement } from '../requirement.ts';
import { foldedSpellings, type VerifiedHeader } from '../verified-header.ts';
import { VIA_HEADER } from '../via-header.ts';
import { knownForgeries } from './forged-fields.ts';
import type { Lines } from './lines.ts';
import type { Placed } from './nginx-variables.ts';

/** The verified header with this server's own verdict, whom it let in, and their other spellings blanked. */
export function verdict({ site: { verifiedHeader, trust, mode, via }, id }: Placed): Lines {
  const verified = trust.kind === 'shared' && mode === 'watch' ? `$postern_verified_${id}` : '$ssl_client_verify';
  return [
    "# Always this server's own verdict. A proxy_set_header in another location must be accompanied by all of these.",
    ...alone(verifiedHeader, verified),
    ...(via === null ? [] : alone(VIA_HEADER, mode === 'watch' ? `$postern_via_${id}` : via)),
    ...(via === 'own' ? ownWords(verifiedHeader) : []),
  ];
}

/** The same for a location that stands already, where everybody who comes was verified or is watched. */
export function verifiedHeaderLines(name: VerifiedHeader): Lines {
  return alone(name, '$ssl_client_verify');
}

/** The same where nobody is asked for a certificate. */
export function nothingVerified({ sites }: OriginRequirement): Lines {
  const names = [...new Set(sites.map(({ verifiedHeader }) => verifiedHeader))];
  return [
    '# Nobody comes in here with a verdict of his own.',
    ...names.flatMap((name) => alone(name, 'NONE')),
    ...(sites.some(({ via }) => via !== null) ? alone(VIA_HEADER, '""') : []),
  ];
}

function alone(name: VerifiedHeader, value: string): Lines {
  return [
    `proxy_set_header ${name} ${value};`,
    ...foldedSpellings(name).map((spelling) => `proxy_set_header ${spelling} "";`),
  ];
}

function ownWords(verifiedHeader: VerifiedHeader): Lines {
  const said = new Set(['x-forwarded-for', 'x-forwarded-proto']);
  return [
    '# Only the edge speaks for visitors: of these callers the server says itself where they come from.',
    'proxy_headers_hash_max_size 4096;',
    'proxy_headers_hash_bucket_size 128;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Proto https;',
    ...knownForgeries(verifiedHeader)
      .filter((name) => !said.has(name))
      .map((name) => `proxy_set_header ${name} "";`),
  ];
}
