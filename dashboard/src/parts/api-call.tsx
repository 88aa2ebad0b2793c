import type { Call } from '../api/call.ts';
import { curlOf } from '../api/curl.ts';
import { Code } from './copy.tsx';

interface ApiCallProps {
  readonly call: Call;
  /** The action, in the words of its button; several may stand on one page. */
  readonly of?: string;
}

/** What an action asks of the API, for those who want to do it from a terminal. */
export function ApiCall({ call, of = pathOf(call) }: ApiCallProps) {
  return (
    <details class="api-call">
      <summary>
        API call<span class="unseen">: {of}</span>
      </summary>
      <Code label="curl" name={`curl: ${of}`} text={curlOf(call, window.location.origin)} />
    </details>
  );
}

function pathOf({ method, path }: Call): string {
  return `${method} ${path.split('?')[0]}`;
}
