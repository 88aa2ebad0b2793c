import type { ComponentChildren } from 'preact';
import type { ApiMessage, ListInfo } from '../api/call.ts';
import type { Resource } from '../api/resource.ts';
import { Boundary, Called } from './boundary.tsx';
import { Button } from './button.tsx';
import { Note, Problems } from './problems.tsx';

interface AwaitedProps<T> {
  readonly of: Resource<T>;
  readonly retry: () => void;
  readonly children: (value: T, info: ListInfo | null, messages: readonly ApiMessage[]) => ComponentChildren;
  /** What to show where the answer is an empty list. */
  readonly empty?: ComponentChildren;
  /** How many lines it will have, roughly: the page must not jump when they come. */
  readonly lines?: number;
}

/** Each look that an answer can have: not there yet, not to be had, older than it should be, empty, there, not to be understood. */
export function Awaited<T>({ of, retry, children, empty, lines = 3 }: AwaitedProps<T>) {
  switch (of.kind) {
    case 'loading':
      return <Skeleton lines={lines} />;
    case 'failed':
      return (
        <Problems problems={of.problems}>
          <Button small onPress={retry}>
            Try again
          </Button>
        </Problems>
      );
    case 'ready':
      return (
        <>
          {of.stale !== null && (
            <Note kind="warning">
              <p>Older than it should be: {of.stale[0]?.message}</p>
            </Note>
          )}
          {empty !== undefined && Array.isArray(of.value) && of.value.length === 0 ? (
            <Empty>{empty}</Empty>
          ) : (
            <Boundary of={of.value}>
              <Called>{() => children(of.value, of.info, of.messages)}</Called>
            </Boundary>
          )}
        </>
      );
  }
}

/** Where something will stand. */
export function Skeleton({ lines }: { readonly lines: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} aria-hidden="true" />
      ))}
    </div>
  );
}

/** Where nothing is, and what one can do about it. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}
