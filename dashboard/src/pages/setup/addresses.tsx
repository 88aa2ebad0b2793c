import { computed, type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ApiProblem } from '../../api/call.ts';
import type { Edge, EdgeListening } from '../../api/edge.ts';
import { useResource } from '../../api/resource.ts';
import { TextField } from '../../parts/field.tsx';
import { may } from '../../session.ts';

const KEYS = { api: 'postern api address', edge: 'postern edge address' } as const;
const API = /^https?:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i;
const EDGE = /^(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+):\d{1,5}$/i;

// Never from the address of the page: a link could have commands send a token to somebody else.
const api = signal(stored(KEYS.api) ?? window.location.origin);
/** What somebody typed; `null` where nobody did. */
const typedEdge = signal(stored(KEYS.edge));
/** What the edges say of themselves. */
const reported = signal<readonly EdgeListening[]>([]);
const edge = computed(() => typedEdge.value ?? usualEdge());
const LOCAL = /^https?:\/\/(?:127\.|localhost|\[::1\])/;

/** Whether the address of this Postern is one that only this very machine knows. */
export const isHere = computed(() => LOCAL.test(api.value));

// The address that an operator said is meant for others. One that is only guessed may lead nowhere from an origin
// elsewhere: it stands there by itself only where all of it is this very machine.
function usualEdge(): string {
  const said = reported.value.find(({ reached_by }) => reached_by === 'operator');
  const [first] = said === undefined && isHere.value ? reported.value : [said];
  return first?.reached[0] ?? '';
}

/** Asks the edges where visitors reach them, for the commands that need it. */
export function useReportedEdges(): void {
  const [edges] = useResource<readonly Edge[]>(may('edges:read') ? '/postern/v1/edges' : null);
  useEffect(() => {
    if (edges.kind === 'ready') reported.value = edges.value.flatMap(({ listening }) => listening ?? []);
  }, [edges]);
}

function stored(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function keeper(key: string, text: Signal<string> | Signal<string | null>): (typed: string) => void {
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

/** Where the edge answers, as somebody or the edge itself said it; `null` where neither did. */
export function edgeAddress(): { readonly host: string; readonly port: string } | null {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(edge.value.trim()) ?? [];
  return EDGE.test(edge.value.trim()) ? { host, port } : null;
}

// Brackets have a meaning for a shell; nothing else that the forms allow has one.
const word = (text: string): string => (text.includes('[') ? `'${text}'` : text);

const wrong = (message: string): readonly ApiProblem[] => [{ code: 0, message, pointer: null }];

const MOST_NAMED = 3;

/** Where commands that run on the origin look for this Postern, and for its edge. */
export function AddressFields() {
  const isLocal = LOCAL.test(api.value);
  const proposals = [...new Set(reported.value.flatMap(({ reached }) => reached))];
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
        onInput={keeper(KEYS.edge, typedEdge)}
        proposals={proposals}
        problems={isEdge ? [] : wrong('Write it like 192.0.2.7:8443.')}
        hint={`HOST:PORT${proposals.length === 0 ? ', such as 127.0.0.1:8443' : `; the edge itself says ${proposals.slice(0, MOST_NAMED).join(', ')}`}. Needed where the hostname does not lead to the edge yet.`}
      />
    </div>
  );
}
