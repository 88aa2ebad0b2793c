import { type Signal, signal } from '@preact/signals';
import type { ApiProblem } from '../../api/call.ts';
import { TextField } from '../../parts/field.tsx';

const KEYS = { api: 'postern api address', edge: 'postern edge address' } as const;
const API = /^https?:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i;
const EDGE = /^(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+):\d{1,5}$/i;

// Never from the address of the page: a link could have commands send a token to somebody else.
const api = signal(stored(KEYS.api) ?? window.location.origin);
const edge = signal(stored(KEYS.edge) ?? '');

function stored(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function keeper(key: string, text: Signal<string>): (typed: string) => void {
  return (typed) => {
    text.value = typed;
    try {
      sessionStorage.setItem(key, typed);
    } catch {
      // Without storage it counts until the page is left.
    }
  };
}

/** The same command with the addresses by which the origin reaches this Postern and the edge. */
export function forOrigin(command: string): string {
  const [to, through] = [api.value.trim(), edge.value.trim()];
  const named = API.test(to) ? command.replaceAll(`--api ${window.location.origin}`, `--api ${word(to)}`) : command;
  return EDGE.test(through) && named.startsWith('postern origin install ')
    ? `${named} --through ${word(through)}`
    : named;
}

/** Where the edge answers, as somebody said it; `null` where nobody did. */
export function edgeAddress(): { readonly host: string; readonly port: string } | null {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(edge.value.trim()) ?? [];
  return EDGE.test(edge.value.trim()) ? { host, port } : null;
}

// Brackets have a meaning for a shell; nothing else that the forms allow has one.
const word = (text: string): string => (text.includes('[') ? `'${text}'` : text);

const wrong = (message: string): readonly ApiProblem[] => [{ code: 0, message, pointer: null }];

/** Where commands that run on the origin look for this Postern, and for its edge. */
export function AddressFields() {
  const isLocal = /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(api.value);
  const isEdge = edge.value.trim() === '' || EDGE.test(edge.value.trim());
  return (
    <div class="fields">
      <TextField
        label="Address of this Postern"
        required
        value={api.value}
        onInput={keeper(KEYS.api, api)}
        problems={
          API.test(api.value.trim()) ? [] : wrong('Write it like https://postern.example.com:8400, without a path.')
        }
        hint={
          isLocal
            ? 'It stands in the commands below. As it is, it works only where the origin is this very machine.'
            : 'It stands in the commands below: the origin must be able to reach it.'
        }
      />
      <TextField
        label="Where the edge answers"
        value={edge.value}
        onInput={keeper(KEYS.edge, edge)}
        problems={isEdge ? [] : wrong('Write it like 192.0.2.7:8443.')}
        hint="HOST:PORT, such as 127.0.0.1:8443. Needed where the hostname does not lead to the edge yet."
      />
    </div>
  );
}
