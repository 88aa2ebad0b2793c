import type { Socket } from 'node:net';
import type { RequestHead } from '../http1/head.ts';
import type { Reply } from '../http1/responder.ts';
import { ServerConnection } from '../http1/server-connection.ts';
import type { UnreadPage } from '../http1/unread-request.ts';
import { pageReply } from './pages.ts';
import type { Visitor } from './visitor.ts';
import type { OpenConnection, VisitorWorld } from './visitor-world.ts';
import { type Visit, Visits } from './visits.ts';

/** An HTTP/1.1 connection of a visitor. */
export class VisitorConnection extends ServerConnection implements Visitor, OpenConnection {
  readonly scheme: 'http' | 'https';
  readonly serverName: string | null;
  readonly tls: string | null;
  readonly shown: Visitor['shown'];
  readonly #world: VisitorWorld;
  readonly #visits: Visits;
  #visit: Visit | null = null;

  constructor(socket: Socket, world: VisitorWorld) {
    super(socket, world);
    this.scheme = world.scheme;
    this.serverName = world.serverName;
    this.tls = world.tls;
    this.shown = world.shown;
    this.#world = world;
    this.#visits = new Visits(world);
  }

  get visit(): Visit {
    if (this.#visit === null) throw new Error('there is no request under way');
    return this.#visit;
  }

  protected override get halfOpen(): boolean {
    return this.scheme === 'http';
  }

  protected override get ownLines(): string {
    return `CF-Ray: ${this.id}\r\n`;
  }

  protected override begun(head: RequestHead): void {
    this.#visit = this.#visits.of(head);
    this.#world.handle(this);
  }

  protected override unread(page: UnreadPage, id: string): Reply {
    this.#world.refused(page.code, this.#visit?.address ?? this.#world.address, id);
    return pageReply(page, { accept: undefined, id });
  }

  protected override fault(error: unknown): void {
    this.#world.fault(error, this.id);
  }
}
