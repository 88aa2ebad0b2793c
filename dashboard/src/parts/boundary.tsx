import { Component, type ComponentChildren } from 'preact';
import { LoadAgain } from './load-again.tsx';

interface BoundaryProps {
  /** What is shown inside: with another one it is tried again. */
  readonly of: unknown;
  readonly children: ComponentChildren;
}

const NOT_SHOWN =
  'This part cannot show what Postern answered. Postern may have been updated since the page was loaded; the console of the browser has the details.';

/**
 * Keeps an error to the part of a page that it happened in. What the API answers is taken as `docs/api.md` describes it and
 * not looked through again in the browser, so an answer of another version may be met anywhere below.
 */
export class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: true });
  }

  override componentDidUpdate({ of }: BoundaryProps): void {
    if (this.state.failed && of !== this.props.of) this.setState({ failed: false });
  }

  override render() {
    return this.state.failed ? <LoadAgain why={NOT_SHOWN} /> : this.props.children;
  }
}

/** Calls for what is shown from within a boundary, so that it catches what the call itself throws. */
export function Called({ children }: { readonly children: () => ComponentChildren }) {
  return <>{children()}</>;
}
