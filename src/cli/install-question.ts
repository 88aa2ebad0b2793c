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
  const asIs = { ground: ready.ground, seen: first };
  if (first.plan.changes.length === 0 || !mayAsk) return asIs;
  if (other === null) {
    const { mode } = ready.ground;
    if ((await keyAtTerminal(`${QUESTIONS[mode]} Go on? [y/N]`, ['y'], over)) === 'y') return asIs;
    throw nothingDone();
  }
  process.stdout.write(
    `\nNames that no site has are answered by ${neighbourOf(first.plan)}, so that nobody can tell this lock from outside. To refuse them:\n${addedText(first.plan, other.plan)}\n`,
  );
  const question = 'Enforce now? [y] and refuse such names, [n] and leave such names as they are, [Enter] do nothing:';
  const key = await keyAtTerminal(question, ['y', 'n'], over);
  if (key === null) throw nothingDone();
  return key === 'y' ? { ground: ready.refusing, seen: other } : asIs;
}

const QUESTIONS = {
  watch: 'These files are changed and the server is reloaded.',
  enforce: 'The server is reloaded, and refuses whoever comes without the certificate of the edge.',
} as const;

/** Where a neighbour answers for names that no site has, and could be kept from it: the same with a server that refuses them. */
async function refusingUnmatched({ ground: { mode }, refusing }: Ready, { plan }: Seen): Promise<Seen | null> {
  const isMoot = neighbourOf(plan) === null || plan.changes.length === 0 || mode === 'watch';
  if (isMoot) return null;
  const other = await prospect(refusing);
  return other.kind === 'prospect' ? other : null;
}

function neighbourOf({ doors }: InstallPlan): string | null {
  const found = doors.find(({ code }) => code === 'unmatched_names');
  return found === undefined ? null : visible(found.at);
}

function nothingDone(): Failure {
  return new Failure('Nothing was done.', 'The same command asks again.', EXIT.wrongUse);
}
