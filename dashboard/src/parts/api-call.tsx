import type { Call } from '../api/call.ts';
import { curlOf } from '../api/curl.ts';
import { Code } from './copy.tsx';

/** What an action asks of the API, for those who want to do it from a terminal. */
export function ApiCall({ call }: { readonly call: Call }) {
  return (
    <details class="api-call">
      <summary>API call</summary>
      <Code label="curl" text={curlOf(call, window.location.origin)} />
    </details>
  );
}
