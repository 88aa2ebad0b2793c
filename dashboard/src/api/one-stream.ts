/**
 * Tabs of one browser share one stream of events: a token may have few of them, and people open many tabs. The tab that
 * holds a lock of the browser (Web Locks) keeps the stream and tells the others (BroadcastChannel); when it goes, the next
 * one in line gets the lock and goes on behind the last event that it was told of. Where a browser has no locks, as on a
 * page without TLS that is not on this machine, each tab keeps a stream of its own while somebody sees it: a browser has six
 * connections to one host over HTTP/1.1, for all its tabs.
 */

/** What a stream says: an event, or that whoever shows something must look again. */
interface StreamEvent {
  readonly kind: string;
  readonly text: string;
}

type Standing = 'connecting' | 'live' | 'lost';

interface StreamParts {
  /** Names the streams that are alike: those of other people are others. */
  readonly scope: string;
  /** The events that are heard; a browser tells of no others. */
  readonly kinds: readonly string[];
  readonly hear: (event: StreamEvent) => void;
  readonly stand: (standing: Standing) => void;
  /** The control plane refused the stream: perhaps the session is over. */
  readonly refused: () => void;
}

type Message =
  /** A tab that is new asks how things stand. */
  | { readonly about: 'hello' }
  | { readonly about: 'standing'; readonly standing: Standing; readonly last: string | null }
  | { readonly about: 'event'; readonly event: StreamEvent; readonly id: string }
  /** The tab that keeps the stream may be one whose timers sleep: others wake it. */
  | { readonly about: 'again' };

const STREAM = '/postern/v1/events';
const RESET: StreamEvent = { kind: 'reset', text: '{}' };
const RETRY = 3000;
/** How long a stream that is not shared outlives the sight of its tab. */
const UNSEEN = 30_000;

/** Follows the stream until the answered function is called. */
export function followTogether(parts: StreamParts): () => void {
  return new Tab(parts).close;
}

class Tab {
  readonly #parts: StreamParts;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  readonly #retry: ReturnType<typeof setInterval>;
  #source: EventSource | null = null;
  #standing: Standing = 'connecting';
  /** The newest event that this tab was told of. */
  #last: string | null = null;
  #isKeeper = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#channel = new BroadcastChannel(`postern events ${parts.scope}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#told(data);
    this.#say({ about: 'hello' });
    this.#retry = setInterval(() => this.#again(), RETRY);
    void this.#queue();
  }

  readonly close = (): void => {
    clearInterval(this.#retry);
    this.#closing.abort();
    this.#source?.close();
    this.#channel.close();
  };

  // A browser lets a tab with a lock neither sleep for good nor come back from its cache as if nothing had been.
  async #queue(): Promise<void> {
    const { signal } = this.#closing;
    const held = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const keep = () => {
      this.#keep();
      return held;
    };
    // Not there on a page without TLS, whatever the types say.
    const locks: LockManager | undefined = navigator.locks;
    if (locks === undefined) return this.#keepAlone();
    // Given up where the tab ends before it is its turn.
    return locks.request(this.#channel.name, { signal }, keep).catch(() => undefined);
  }

  #keepAlone(): void {
    let leaving: ReturnType<typeof setTimeout> | undefined;
    const turn = () => {
      clearTimeout(leaving);
      if (document.hidden) leaving = setTimeout(() => this.#leave(), UNSEEN);
      else if (this.#source === null) this.#open();
    };
    this.#keep();
    document.addEventListener('visibilitychange', turn);
    this.#closing.signal.addEventListener('abort', () => {
      clearTimeout(leaving);
      document.removeEventListener('visibilitychange', turn);
    });
  }

  // What happens until it is back may be missed.
  #leave(): void {
    this.#source?.close();
    this.#source = null;
    this.#stands('lost');
  }

  #keep(): void {
    if (this.#closing.signal.aborted) return;
    this.#isKeeper = true;
    this.#open();
  }

  #open(): void {
    const isHandedOver = this.#standing === 'live' && this.#last !== null;
    const source = new EventSource(
      this.#last === null ? STREAM : `${STREAM}?last_event_id=${encodeURIComponent(this.#last)}`,
    );
    this.#source = source;
    source.onopen = () => {
      // Who was away, or knows of no event to go on from, may have missed something.
      const isNews = this.#standing === 'lost' || (this.#standing === 'live' && !isHandedOver);
      this.#stands('live');
      if (isNews) this.#pass(RESET, '');
    };
    source.onerror = () => {
      this.#stands('lost');
      // A browser gives up on an answer that is no stream, such as 401 or 502.
      if (source.readyState === EventSource.CLOSED) this.#parts.refused();
    };
    for (const kind of ['reset', ...this.#parts.kinds]) {
      source.addEventListener(kind, ({ data, lastEventId }: MessageEvent<string>) =>
        this.#pass({ kind, text: data }, lastEventId),
      );
    }
  }

  #again(): void {
    if (this.#standing !== 'lost') return;
    if (!this.#isKeeper) this.#say({ about: 'again' });
    else if (this.#source?.readyState === EventSource.CLOSED) this.#open();
  }

  /** Tells an event here and to the others. */
  #pass(event: StreamEvent, id: string): void {
    if (id !== '') this.#last = id;
    this.#say({ about: 'event', event, id });
    this.#parts.hear(event);
  }

  #stands(standing: Standing): void {
    this.#standing = standing;
    this.#say({ about: 'standing', standing, last: this.#last });
    this.#parts.stand(standing);
  }

  #told(message: Message): void {
    switch (message.about) {
      case 'hello':
        if (this.#isKeeper) this.#say({ about: 'standing', standing: this.#standing, last: this.#last });
        return;
      case 'again':
        if (this.#isKeeper) this.#again();
        return;
      case 'standing':
        this.#last = message.last ?? this.#last;
        this.#standing = message.standing;
        this.#parts.stand(message.standing);
        return;
      case 'event':
        if (message.id !== '') this.#last = message.id;
        this.#parts.hear(message.event);
    }
  }

  #say(message: Message): void {
    this.#channel.postMessage(message);
  }
}
