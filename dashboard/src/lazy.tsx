import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LoadPage } from './page-props.ts';
import { Skeleton } from './parts/awaited.tsx';
import { LoadAgain } from './parts/load-again.tsx';

interface LazyProps<Props extends object> {
  readonly load: LoadPage<Props>;
  readonly props: Props;
}

const NOT_LOADED = 'This part of the dashboard could not be loaded: Postern may have been updated or does not answer.';

/** A page whose code is fetched when it is first shown. */
export function Lazy<Props extends object>({ load, props }: LazyProps<Props>) {
  const [state, setState] = useState<{
    readonly load: unknown;
    readonly page: ComponentType<Props> | 'failed';
  } | null>(null);
  const fetchPage = () => {
    load().then(
      ({ Page }) => setState({ load, page: Page }),
      () => setState({ load, page: 'failed' }),
    );
  };
  useEffect(fetchPage, [load]);
  if (state === null || state.load !== load) return <Skeleton lines={8} />;
  if (state.page === 'failed') return <LoadAgain why={NOT_LOADED} />;
  const Page = state.page;
  return <Page {...props} />;
}
