import type { NotChecked } from '../configuration.ts';
import type { CredentialKind } from '../probe.ts';
import { targetText } from '../target.ts';
import { claimsVerified } from './application.ts';
import { asked } from './rules/asked.ts';
import { echoIn } from './rules/headers.ts';
import { atFront, inside, isVersionAlert, type Scene } from './scene.ts';

interface Limit extends NotChecked {
  /** It applies to what was seen. */
  readonly applies: (scene: Scene) => boolean;
}

/** What no knock from outside can find out. What was not tried for want of something is told by who tries. */
const LIMITS: readonly Limit[] = [
  {
    what: 'whether the edge gets in with the key of its certificate',
    why: 'only that the chain of its certificate is accepted could be seen, without the key',
    applies: (scene) => !tried(scene, 'right') && isChainAccepted(scene),
  },
  {
    what: 'whether the certificate is pinned, and by what',
    why: 'a pin and a trusted authority look alike to whoever has no second certificate of that authority',
    applies: (scene) => !tried(scene, 'neighbour') && !tried(scene, 'unwanted') && isTls(scene),
  },
  {
    what: 'whether somebody with a certificate of a public authority is let in',
    why: 'the server names such authorities as those that it trusts, and no certificate of one is at hand (--foreign-identity); the configuration shows whether it holds their keys (--config)',
    applies: (scene) => asked(scene).some(({ code, effect }) => code === 'public_authorities' && effect === 'unknown'),
  },
  {
    what: 'authorities that the server trusts and does not name',
    why: 'a server names those that it is told to name; a setting for stapling adds others (nginx: ssl_trusted_certificate). Read the configuration (--config)',
    applies: isTls,
  },
  {
    what: "whether the chain of the edge's certificate would be accepted",
    why: 'the server judges chains only after the handshake, as nginx and Node do, so a certificate without its key tells nothing',
    applies: (scene) => !tried(scene, 'right') && tried(scene, 'forged') && isOracleMute(scene),
  },
  {
    what: 'other paths',
    why: 'a lock may hold for some paths only; those that were asked for are named in what was checked (--path)',
    applies: () => true,
  },
  {
    what: 'other methods, and requests with fields of other kinds',
    why: 'only plain GET requests are sent: a lock may exempt other methods, or whoever sends some header',
    applies: () => true,
  },
  {
    what: 'whether the application believes a header that says the caller was verified',
    why: 'no name of such a header was given (--verified-header)',
    applies: (scene) => !scene.seen.some(({ probe }) => claimsVerified(probe)),
  },
  {
    what: 'whether the application is told that the edge was verified',
    why: 'its page does not print the request that it gets; ask for one that does (--path), or read the configuration (--config)',
    applies: (scene) => {
      const admitted = inside(atFront(scene, 'right'));
      const isAskedFor = scene.seen.some(({ probe }) => claimsVerified(probe));
      return isAskedFor && admitted.length > 0 && admitted.every(({ saw }) => echoIn(saw) === null);
    },
  },
  {
    what: 'other ports and addresses, and the application behind the server',
    why: 'only the sockets named here were looked at (--connect, --also)',
    applies: () => true,
  },
  {
    what: 'whether sessions outlive a revocation or a change of the authority',
    why: 'nobody can see from outside what was trusted before; switch tickets and caches off, or restart after every change',
    applies: (scene) => isTls(scene) && !scene.seen.some(({ probe }) => probe.resumes?.credential === 'right'),
  },
  {
    what: 'where redirects lead',
    why: 'they are not followed: a redirect to an open name is a way in',
    applies: ({ seen }) => seen.some(({ reading }) => reading.kind === 'redirect'),
  },
  {
    what: 'whether a firewall or the lock keeps callers out',
    why: 'every connection without a certificate ended without a word, which either does',
    applies: (scene) => isDumb(scene),
  },
  {
    what: 'pages that are like the one of the application, and not the same',
    why: 'an application that names the site on its page looks like another site',
    applies: ({ seen }) => seen.some(({ reading }) => reading.kind === 'unclear'),
  },
];

/** What was not found out, and why: each once, with the targets that it concerns where it does not concern all. */
export function notCheckedIn(scenes: readonly Scene[]): readonly NotChecked[] {
  // Where nobody answered, that alone is what there is to say.
  const reached = scenes.filter(isReached);
  return LIMITS.flatMap(({ what, why, applies }) => {
    const concerned = reached.filter(applies);
    if (concerned.length === 0) return [];
    if (concerned.length === reached.length) return [{ what, why }];
    return [{ what: `${what}: ${someOf(concerned)}`, why }];
  });
}

const MAX_NAMED = 3;

function someOf(scenes: readonly Scene[]): string {
  const named = scenes.slice(0, MAX_NAMED).map(({ target }) => targetText(target));
  const rest = scenes.length - named.length;
  return `${named.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}

function isReached({ seen }: Scene): boolean {
  return seen.some(({ saw }) => saw.kind !== 'unreachable' && !(saw.kind === 'silent' && saw.stage === 'connecting'));
}

/** Callers without a certificate were answered so, and in no other way: a page or an alert is a word. */
function isDumb(scene: Scene): boolean {
  const bare = atFront(scene, 'none').filter(({ reading, saw }) => !isVersionAlert(reading) && saw.kind !== 'no_http2');
  return bare.length > 0 && bare.every(({ saw }) => saw.kind === 'closed' || saw.kind === 'silent');
}

function tried({ seen }: Scene, credential: CredentialKind): boolean {
  return seen.some(({ probe }) => probe.credential === credential);
}

function isTls({ seen }: Scene): boolean {
  return seen.some(({ handshake, saw, probe }) => probe.tls !== null && (handshake !== null || saw.kind === 'alert'));
}

function isChainAccepted(scene: Scene): boolean {
  const forged = atFront(scene, 'forged');
  return forged.some(({ saw }) => saw.kind === 'alert' && saw.number === 51) && !isOracleMute(scene);
}

function isOracleMute(scene: Scene): boolean {
  if (!isTls(scene) || inside(atFront(scene, 'none')).length > 0) return false;
  const strangers = atFront(scene, 'forged_stranger');
  return !strangers.some(({ saw }) => saw.kind === 'alert' && saw.number !== 51);
}
