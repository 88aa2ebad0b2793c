/** One call of the API, as a value: it can be made, shown as curl, and made again. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query, from the root: `/client/v4/zones?name=example.test`. */
  readonly path: string;
  readonly body?: unknown;
  /** It only asks and changes nothing, though it has a body: so it can be made again. */
  readonly asks?: true;
  /** Fields of the body that are shown to nobody, curl included. */
  readonly secret?: readonly string[];
}

/** What was wrong, in the API's own words, and at which field of the body (RFC 6901), where one is to blame. */
export interface ApiProblem {
  readonly code: number;
  readonly message: string;
  readonly pointer: string | null;
}

/** Where a list stands; see `ResultInfo` and `CursorInfo` of the API. */
export interface ListInfo {
  readonly count: number;
  readonly per_page: number;
  readonly page?: number;
  readonly total_count?: number;
  readonly total_pages?: number;
  readonly cursor?: string | null;
}

/** What the API says beside a result: what has no effect and why, what it took otherwise than it was written. */
export interface ApiMessage {
  readonly code: number;
  readonly message: string;
}

export type Outcome<T> =
  | {
      readonly kind: 'answer';
      readonly result: T;
      readonly info: ListInfo | null;
      readonly messages: readonly ApiMessage[];
    }
  | { readonly kind: 'refused'; readonly status: number; readonly problems: readonly ApiProblem[] }
  /** Nobody answered, or not in the words of the API. */
  | { readonly kind: 'unreachable'; readonly problems: readonly ApiProblem[] };

const DEADLINE = 40_000;

/** Whoever looked may look again, and this page does by itself; whoever did something must not do it twice unknowingly. */
const NO_ANSWER = {
  look: 'Postern does not answer. See whether "postern up" runs; this page tries again by itself.',
  question: 'Postern does not answer. See whether "postern up" runs, and try again.',
  deed: 'Postern does not answer, so that nobody knows here whether this was done. See before you do it again.',
} as const;

function unanswered({ method, asks }: Call): readonly ApiProblem[] {
  const kind = method === 'GET' ? 'look' : asks === true ? 'question' : 'deed';
  return [{ code: 0, message: NO_ANSWER[kind], pointer: null }];
}

/** What a call needs beside itself. */
export interface Sending {
  /** Shows that the request comes from this page and no other (see `POST /postern/v1/session`). */
  readonly csrf: string | null;
  readonly signal?: AbortSignal;
}

/** Makes a call; never throws. The caller says what shape the result has, as `docs/api.md` describes it. */
export async function send<T>(call: Call, { csrf, signal }: Sending): Promise<Outcome<T>> {
  const deadline = AbortSignal.timeout(DEADLINE);
  try {
    const response = await fetch(call.path, {
      method: call.method,
      credentials: 'same-origin',
      redirect: 'error',
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(csrf === null || call.method === 'GET' ? {} : { 'x-postern-csrf': csrf }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    return opened<T>(response.status, await response.json()) ?? { kind: 'unreachable', problems: unanswered(call) };
  } catch {
    return { kind: 'unreachable', problems: unanswered(call) };
  }
}

/** What an envelope of the API says; `null` where it is none. What is in its result is as `docs/api.md` describes it. */
export function opened<T>(status: number, envelope: unknown): Outcome<T> | null {
  if (!isEnvelope<T>(envelope)) return null;
  const { success, result, result_info: info = null, messages = [], errors = [] } = envelope;
  if (success) return { kind: 'answer', result, info, messages };
  if (errors.length === 0) return null;
  const problems = errors.map(({ code, message, source }) => ({ code, message, pointer: source?.pointer ?? null }));
  return { kind: 'refused', status, problems };
}

interface Envelope<T> {
  readonly success: boolean;
  readonly result: T;
  readonly result_info?: ListInfo;
  readonly messages?: readonly ApiMessage[];
  readonly errors?: readonly (ApiMessage & { readonly source?: { readonly pointer?: string } })[];
}

// A proxy in between answers in JSON of its own at times.
function isEnvelope<T>(found: unknown): found is Envelope<T> {
  if (typeof found !== 'object' || found === null || !('success' in found) || !('result' in found)) return false;
  const messages = 'messages' in found ? found.messages : [];
  const errors = 'errors' in found ? found.errors : [];
  return typeof found.success === 'boolean' && areMessages(messages) && areMessages(errors);
}

function areMessages(found: unknown): boolean {
  return Array.isArray(found) && found.every(isMessage);
}

function isMessage(found: unknown): boolean {
  return typeof found === 'object' && found !== null && 'message' in found && typeof found.message === 'string';
}
