import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ApiMessage, ApiProblem, Call } from '../api/call.ts';
import { ask } from '../session.ts';
import { ApiCall } from './api-call.tsx';
import { Skeleton } from './awaited.tsx';
import { Button } from './button.tsx';
import { Consequences, impactOf, isHarmless, isRed, NOTHING, weigh, type Weighed } from './consequences.tsx';
import { Dialog, DialogActs } from './dialog.tsx';
import { TextField } from './field.tsx';
import { Problems } from './problems.tsx';
import { remark } from './remarked.tsx';
import { say } from './toast.tsx';

/** Something that somebody is about to do. */
export interface Deed<T = unknown> {
  readonly title: string;
  /** What the button says: the deed itself, never "OK". */
  readonly act: string;
  /** What is said in passing when it is done. */
  readonly done: string | ((result: T) => string);
  readonly call: Call;
  /** The change in the words of the impact call; `null` where nothing is asked about it beforehand. */
  readonly change: Readonly<Record<string, unknown>> | null;
  /** What would follow, where it stands already before whoever does it: asked again only where something would break. */
  readonly shown?: Weighed;
  /** Asked about even where nothing would break: it cannot be taken back. */
  readonly final?: boolean;
  /** Where that call is, for a deed that is about no zone. */
  readonly impact?: string;
  /** What one should know besides what the impact call says. */
  readonly about?: string;
  /** What the API remarks on it is shown by the page itself. */
  readonly isShown?: boolean;
  /** What follows in a sentence, where nothing breaks: the whole of it stands in a fold then. */
  readonly brief?: string;
  /** Stands below that: what can be seen to at the same time. */
  readonly more?: ComponentChildren;
  /** What has to be typed before it is done: a name, where nothing brings back what is lost. */
  readonly typed?: string;
  readonly onDone?: (result: T, messages: readonly ApiMessage[]) => void;
  /** A form shows at its fields why it was refused: true where it does, so that the question goes away. */
  readonly onRefused?: (problems: readonly ApiProblem[]) => boolean;
}

type State<T> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'weighing'; readonly deed: Deed<T> }
  | {
      readonly kind: 'asking';
      readonly deed: Deed<T>;
      readonly consequences: Weighed;
      readonly problems: readonly ApiProblem[];
    }
  | { readonly kind: 'acting'; readonly deed: Deed<T>; readonly consequences: Weighed };

/**
 * Looks at what a deed would break before it is done, and asks where it would break something. `view` has to stand somewhere
 * in the page: it is the question.
 */
export function useGuarded<T = unknown>(zone: string | null) {
  const [state, setState] = useState<State<T>>({ kind: 'idle' });
  // What was called off while it was weighed must not come back when the answer is there.
  const present = useRef<Deed<T> | null>(null);
  const act = async (deed: Deed<T>, consequences: Weighed): Promise<void> => {
    setState({ kind: 'acting', deed, consequences });
    const outcome = await ask<T>(deed.call);
    if (outcome.kind !== 'answer') {
      if (deed.onRefused?.(outcome.problems) === true) return setState({ kind: 'idle' });
      setState({ kind: 'asking', deed, consequences, problems: outcome.problems });
      return;
    }
    setState({ kind: 'idle' });
    say(typeof deed.done === 'string' ? deed.done : deed.done(outcome.result));
    if (deed.isShown !== true) remark(outcome.messages);
    deed.onDone?.(outcome.result, outcome.messages);
  };
  const begin = async (deed: Deed<T>): Promise<void> => {
    present.current = deed;
    if (isAccepted(deed)) return act(deed, deed.shown ?? null);
    setState({ kind: 'weighing', deed });
    const path = deed.impact ?? (zone === null ? null : impactOf(zone));
    const { consequences, problems, isUnfit } =
      path === null || deed.change === null ? NOTHING : await weigh(path, deed.change);
    if (present.current !== deed) return;
    // The call itself is refused for the same, and says it at the fields as the form has them.
    if (deed.onRefused !== undefined && isUnfit) return act(deed, []);
    if (isHarmless(consequences) && deed.final !== true) await act(deed, consequences);
    else setState({ kind: 'asking', deed, consequences, problems });
  };
  const close = () => {
    present.current = null;
    setState({ kind: 'idle' });
  };
  return {
    begin: (deed: Deed<T>) => void begin(deed),
    busy: state.kind === 'weighing' || state.kind === 'acting',
    view: <Question state={state} act={(deed, all) => void act(deed, all)} close={close} />,
  };
}

/** What follows was read where it was asked for, and nothing would break. */
function isAccepted({ shown }: Pick<Deed, 'shown'>): boolean {
  return shown !== undefined && shown !== null && !isRed(shown);
}

interface QuestionProps<T> {
  readonly state: State<T>;
  readonly act: (deed: Deed<T>, consequences: Weighed) => void;
  readonly close: () => void;
}

function Question<T>({ state, act, close }: QuestionProps<T>) {
  if (state.kind === 'idle') return null;
  const { deed } = state;
  if (state.kind === 'weighing') {
    // What is harmless is done without a word; a question that takes long says that it is coming.
    return deed.final === true ? (
      <Dialog title={deed.title} onClose={close}>
        <Skeleton lines={3} />
      </Dialog>
    ) : null;
  }
  const isQuiet = isAccepted(deed) || (isHarmless(state.consequences) && deed.final !== true);
  if (state.kind === 'acting' && isQuiet) return null;
  return <Asked state={state} act={act} close={close} />;
}

function Following<T>({ deed: { brief }, of }: { readonly deed: Deed<T>; readonly of: Weighed }) {
  if (brief === undefined || !isHarmless(of)) return <Consequences of={of} />;
  return (
    <>
      <p>{brief}</p>
      <details>
        <summary>What the origins were seen to show</summary>
        <Consequences of={of} />
      </details>
    </>
  );
}

interface AskedProps<T> extends QuestionProps<T> {
  readonly state: Extract<State<T>, { readonly kind: 'asking' | 'acting' }>;
}

function Asked<T>({ state, act, close }: AskedProps<T>) {
  const [typed, setTyped] = useState('');
  const { deed, consequences } = state;
  const isLoss = deed.typed !== undefined || isRed(consequences);
  return (
    <Dialog title={deed.title} onClose={close}>
      {deed.about !== undefined && <p>{deed.about}</p>}
      {deed.more}
      {deed.change !== null && (deed.about === undefined || consequences?.length !== 0) && (
        <Following deed={deed} of={consequences} />
      )}
      {state.kind === 'asking' && <Problems problems={state.problems} />}
      {deed.typed !== undefined && (
        <TextField label={`Type ${deed.typed} to go on`} required value={typed} onInput={setTyped} />
      )}
      <ApiCall call={deed.call} of={deed.title} />
      <DialogActs>
        <Button onPress={close}>Leave it as it is</Button>
        <Button
          kind={isLoss ? 'danger' : 'primary'}
          busy={state.kind === 'acting'}
          disabled={deed.typed !== undefined && typed.trim() !== deed.typed}
          onPress={() => act(deed, consequences)}
        >
          {deed.act}
        </Button>
      </DialogActs>
    </Dialog>
  );
}
