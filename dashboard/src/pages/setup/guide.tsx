import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isDialogOpen } from '../../parts/dialog.tsx';
import { PageHead } from '../../parts/panel.tsx';
import { inQuery, setQuery } from '../../route.tsx';
import { useReportedEdges } from './addresses.tsx';
import { ConfigureStep } from './configure-step.tsx';
import { EnforceStep } from './enforce-step.tsx';
import { isToFinish, Leave } from './leave.tsx';
import { Proved } from './proved.tsx';
import { ProveStep } from './prove-step.tsx';
import { RecordsStep } from './records-step.tsx';
import { serverOf } from './server.ts';
import { ServerStep } from './server-step.tsx';
import { type Setup, stepIndex, type StepKind, STEPS } from './setup.ts';
import { isAmiss, Stuck } from './stuck.tsx';
import { Waiting } from './waiting.tsx';
import { WatchStep } from './watch-step.tsx';
import type { StepProps } from './step-props.ts';

/** All steps in their order, with the one open that the set-up is in, or that somebody looks back at. */
export function SetupGuide({ setup: newest, ...rest }: StepProps) {
  const setup = useWhileAsked(newest);
  const props = { ...rest, setup };
  const { zone } = rest;
  useReportedEdges();
  const asked = inQuery('step');
  const open = STEPS.find(({ kind }) => kind === asked)?.kind ?? setup.step.kind;
  const head = useMovedOn(setup.step.kind, open === setup.step.kind);
  return (
    <>
      <PageHead
        title={`Lock ${setup.hostname}`}
        about={`Zone ${zone.name}.${isToFinish(setup) ? '' : ' Leave at any time, and go on later.'}`}
      >
        <Leave zone={zone} setup={setup} />
      </PageHead>
      <p class="unseen" role="status">
        {`${headline(setup)} ${setup.step.why}`}
      </p>
      {setup.step.kind === 'proved' && (
        <div class="setup-end" ref={head} tabIndex={-1}>
          <Proved {...props} />
        </div>
      )}
      <ol class="setup-steps">
        {STEPS.map((step, index) => (
          <Step
            key={step.kind}
            {...props}
            index={index}
            isOpen={open === step.kind}
            head={step.kind === setup.step.kind ? head : null}
          />
        ))}
      </ol>
    </>
  );
}

/** Nothing moves on under a dialog: it would go with the step that it stands in, and what was typed into it. */
function useWhileAsked(setup: Setup): Setup {
  const shown = useRef(setup);
  if (!isDialogOpen.value) shown.current = setup;
  return shown.current;
}

/** Where the set-up moved on to comes into sight, and has the focus: what was pressed is gone, or far below. */
function useMovedOn(kind: string, isFollowing: boolean) {
  const head = useRef<HTMLDivElement>(null);
  const before = useRef(kind);
  useEffect(() => {
    if (before.current === kind) return undefined;
    before.current = kind;
    if (!isFollowing) return undefined;
    head.current?.focus({ preventScroll: true });
    head.current?.scrollIntoView({ block: 'start' });
    return unpressedFor(SETTLING);
  }, [kind, isFollowing]);
  return head;
}

/** Milliseconds in which a hand that was on its way to what stood there comes to rest. */
const SETTLING = 700;

/** Has a press of the mouse hit nothing on the page for a while: it was meant for what stood there before. */
function unpressedFor(milliseconds: number): () => void {
  const { classList } = document.documentElement;
  const end = () => classList.remove('moved-on');
  classList.add('moved-on');
  const timer = setTimeout(end, milliseconds);
  return () => {
    clearTimeout(timer);
    end();
  };
}

function headline({ step }: Setup): string {
  const index = stepIndex(step);
  return index === STEPS.length
    ? 'The lock is proved.'
    : `Step ${index + 1} of ${STEPS.length}: ${STEPS[index]?.title}.`;
}

const STATES = { done: 'done', now: 'now', later: 'later' } as const;

interface StepItemProps extends StepProps {
  readonly index: number;
  readonly isOpen: boolean;
  readonly head: RefObject<HTMLDivElement | null> | null;
}

function Step({ index, isOpen, head, ...props }: StepItemProps) {
  const step = STEPS[index] ?? STEPS[0];
  const now = stepIndex(props.setup.step);
  // One that enforces at once has no time in which it only watches.
  const isLeftOut = isOfWatching(step.kind) && serverOf(props.setup.choices.server)?.watches === false;
  const state = index < now ? STATES.done : index === now ? STATES.now : STATES.later;
  const isSkipped = isLeftOut && state === STATES.done;
  // Step 3 says of each of its tasks what it waits for.
  const isTold = state === STATES.now && step.kind !== 'configure';
  // What was asked for by hand is shown until the set-up itself moves on.
  const show = (open: boolean) => setQuery({ step: open && state !== STATES.now ? step.kind : null });
  useEffect(() => {
    if (isOpen && state === STATES.now) setQuery({ step: null });
  }, [isOpen, state]);
  return (
    <li class={`setup-step ${state}${isOpen ? ' open' : ''}`} aria-current={state === STATES.now ? 'step' : undefined}>
      <span class="setup-mark" aria-hidden="true">
        {isSkipped ? '–' : state === STATES.done ? '✓' : index + 1}
      </span>
      <div class="setup-content" ref={head} tabIndex={head === null ? undefined : -1}>
        <header class="setup-head">
          <h2>
            {step.title}
            <span class="unseen"> ({isSkipped ? 'left out' : state})</span>
          </h2>
          <Toggle title={step.title} {...{ state, isOpen, show }} />
        </header>
        {isLeftOut && <p class="about">This server cannot ask and refuse nobody: it is left out.</p>}
        {isOpen && !isLeftOut && <About of={step} setup={props.setup} />}
        {isOpen && (
          <div class="setup-body">
            {isTold && <Waiting setup={props.setup} />}
            {isTold && isAmiss(props.setup) && <Stuck {...props} />}
            <Body kind={step.kind} {...props} />
            {isTold && !isAmiss(props.setup) && <Stuck {...props} />}
          </div>
        )}
      </div>
    </li>
  );
}

function About({ of: { kind, about }, setup }: Pick<StepProps, 'setup'> & { readonly of: (typeof STEPS)[number] }) {
  // Once it is decided its own words say what to do.
  const isDecided = kind === 'enforce' && setup.choices.mode === 'enforce';
  return isDecided || about === '' ? null : <p class="about">{about}</p>;
}

function isOfWatching(kind: StepKind): boolean {
  return kind === 'configure' || kind === 'watch';
}

interface ToggleProps {
  readonly title: string;
  readonly state: keyof typeof STATES;
  readonly isOpen: boolean;
  readonly show: (open: boolean) => void;
}

function Toggle({ title, state, isOpen, show }: ToggleProps) {
  if (state === 'now' && isOpen) return null;
  const word = isOpen ? 'Close' : state === 'now' ? 'Go on here' : 'Look at it';
  return (
    <button
      type="button"
      class="button quiet small"
      aria-expanded={isOpen}
      aria-label={`${word}: ${title}`}
      onClick={() => show(!isOpen)}
    >
      {word}
    </button>
  );
}

function Body({ kind, ...props }: StepProps & { readonly kind: StepKind }): ComponentChildren {
  switch (kind) {
    case 'records':
      return <RecordsStep {...props} />;
    case 'server':
      return <ServerStep {...props} />;
    case 'configure':
      return <ConfigureStep {...props} />;
    case 'watch':
      return <WatchStep {...props} />;
    case 'enforce':
      return <EnforceStep {...props} />;
    case 'prove':
      return <ProveStep {...props} />;
  }
}
