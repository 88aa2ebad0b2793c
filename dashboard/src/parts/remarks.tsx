import type { ApiMessage } from '../api/call.ts';
import { Note } from './problems.tsx';

/** What has no effect here and why, or what should be known of it: the API's own words, beside what they are about. */
export function Remarks({ messages }: { readonly messages: readonly ApiMessage[] }) {
  return (
    <>
      {messages.map(({ code, message }) => (
        <Note key={code} kind="warning">
          <p>{message}</p>
        </Note>
      ))}
    </>
  );
}
