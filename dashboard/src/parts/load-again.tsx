import { Button } from './button.tsx';
import { Problems } from './problems.tsx';

/** Says why a part of the page cannot be shown, and has the whole page loaded anew: what is typed is kept by its draft. */
export function LoadAgain({ why }: { readonly why: string }) {
  return (
    <Problems problems={[{ code: 0, message: why, pointer: null }]}>
      <Button small onPress={() => window.location.reload()}>
        Load the page again
      </Button>
    </Problems>
  );
}
