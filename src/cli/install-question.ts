import type { Installation } from '../origin/install/installation.ts';
import type { InstallPlan } from '../origin/install/plan.ts';
import { type Prospect, prospect } from '../origin/install/prospect.ts';
import { visible } from '../wire/visible.ts';
import { keyAtTerminal, mayAskAtTerminal } from './confirm.ts';
import { EXIT, Failure } from './failure.ts';
import { addedText, changesText, type ServedGround } from './origin-install-text.ts';

/** What is to be installed, and of its names those that the edge does not serve. */
export interface Ready extends ServedGround, Pick<Installation, 'ground' | 'refusing'> {}

type Seen = Prospect & { readonly kind: 'prospect' };

/** What is carried out. */
interface Agreed {
  readonly ground: Installation['ground'];
  readonly seen: Seen;
  /** Names that no site has could have been refused, and are not. */
  readonly isKept: boolean;
}

interface Asking {
  readonly flags: { readonly yes?: boolean; readonly json?: boolean };
  /** Ends the question: nobody asks for it any more. */
  readonly over: AbortSignal | undefined;
}

/**
 * Shows what is changed and, where a person is there, asks once whether it shall be, and whether names that no site has are
 * refused with it. Throws Failure where the answer is no.
 */
export async function agreedPlan(ready: Ready, first: Seen, { flags, over }: Asking): Promise<Agreed> {
  const mayAsk = mayAskAtTerminal(flags);
  const other = mayAsk && flags.json !== true ? await refusingUnmatched(ready, first) : null;
  if (flags.json !== true) {
    const telling = { isAsked: other !== null, own: mayAsk ? ready.ground.request.directory : null };
    process.stdout.write(`${changesText(first.plan, ready, telling)}\n`);
  }
  const asIs = { ground: ready.ground, seen: first, isKept: false };
  if (first.plan.changes.length === 0 || !mayAsk) return asIs;
  if (other === null) {
    const { mode } = ready.ground;
    if ((await keyAtTerminal(`${QUESTIONS[mode]} Go on? [y/N]`, ['y'], over)) === 'y') return asIs;
    throw nothingDone(over);
  }
  process.stdout.write(`\n${neighbourLines(first.plan, addedText(first.plan, other.plan)).join('\n')}\n`);
  const key = await keyAtTerminal('Enforce now? [y/k/N]', ['y', 'k'], over);
  if (key === null) throw nothingDone(over);
  return key === 'y' ? { ground: ready.refusing, seen: other, isKept: false } : { ...asIs, isKept: true };
}

/** Who answers for names that no site has, what would refuse them, and what each key does. */
function neighbourLines({ neighbours }: InstallPlan, added: string): readonly string[] {
  return [
    'Names that no site has are answered by',
    ...neighbours.map(({ at }) => `  ${visible(at)}`),
    'so that nobody can tell this lock from outside. To refuse such names:',
    added,
    ...(neighbours.every(({ isNamed }) => isNamed)
      ? ['Under its own names that site stays as it is, whatever you answer.']
      : ['A site with no name of its own is then reached by nobody there: name it first.']),
    '',
    '  y  enforce, and refuse such names',
    '  k  enforce, and keep such names as they are: no look then finds it locked',
    '  n  do nothing (or Enter)',
  ];
}

const QUESTIONS = {
  watch: 'These files are changed and the server is reloaded. Nobody is refused yet.',
  enforce: 'The server is reloaded, and refuses whoever comes without the certificate of the edge.',
} as const;

/** Where a neighbour answers for names that no site has, and could be kept from it: the same with a server that refuses them. */
async function refusingUnmatched({ ground: { mode }, refusing }: Ready, { plan }: Seen): Promise<Seen | null> {
  const isMoot = plan.neighbours.length === 0 || plan.changes.length === 0 || mode === 'watch';
  if (isMoot) return null;
  const other = await prospect(refusing);
  return other.kind === 'prospect' ? other : null;
}

// A command that watched goes on with that, and says so itself.
function nothingDone(over: AbortSignal | undefined): Failure {
  const further = over === undefined ? 'The same command asks again.' : 'Nobody is refused.';
  return new Failure('Nothing was done.', further, EXIT.wrongUse);
}
