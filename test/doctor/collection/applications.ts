import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { page } from './people.ts';

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

const html = (response: ServerResponse, status: number, body: string, fields: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...fields }).end(body);
};

const ORDERS = page('Orders of the customers');

/** How applications behave that stand behind locks. */
const BEHAVIOURS = {
  /** The same page for everybody. */
  page: (_request, response) => html(response, 200, ORDERS),
  /** The other site of the server. */
  blog: (_request, response) => html(response, 200, page('Thoughts about gardens')),
  /** Says which Host was asked for, as frameworks' pages do in their links. */
  echo: ({ headers: { host } }, response) =>
    html(response, 200, ORDERS.replace('</body>', `<a href="https://${host}/">home</a></body>`)),
  /** A token, a time and a number of visits in each page. */
  dynamic: (_request, response) =>
    html(
      response,
      200,
      ORDERS.replace('</body>', `<input name="csrf" value="${randomUUID()}"><p>${Date.now()}</p></body>`),
      { 'set-cookie': `sid=${randomUUID()}` },
    ),
  /** Nothing but chance. */
  random: (_request, response) => html(response, 200, randomBytes(200).toString('base64')),
  notFound: (_request, response) => html(response, 404, page('No such order here')),
  forbidden: (_request, response) => html(response, 403, page('Sign in with your badge')),
  failing: (_request, response) => html(response, 500, page('Something broke inside')),
  unauthorized: (_request, response) =>
    html(response, 401, page('Who are you'), { 'www-authenticate': 'Basic realm="orders"' }),
  toLogin: (_request, response) => html(response, 302, '', { location: '/login' }),
  toWelcome: ({ headers: { host } }, response) => html(response, 301, '', { location: `https://${host}/welcome/` }),
  empty: (_request, response) => response.writeHead(204).end(),
  json: (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"UP"}'),
  large: (_request, response) => html(response, 200, ORDERS + 'All orders of all years. '.repeat(20_000)),
  slow: (_request, response) => void setTimeout(() => html(response, 200, ORDERS), 150),
  chunked: (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    for (const part of ORDERS.split('<p>')) response.write(part);
    response.end();
  },
  http10: (_request, response) => {
    response.socket?.end(`HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n${ORDERS}`);
  },
  /** Turns away whoever does not come with a browser. */
  browsersOnly: ({ headers: { 'user-agent': agent = '' } }, response) =>
    agent.includes('Mozilla') ? html(response, 200, ORDERS) : html(response, 403, page('Robots stay outside')),
  /** Sends everybody to HTTPS whom no proxy says to have come by it. */
  secureOnly: ({ headers }, response) =>
    headers['x-forwarded-proto'] === 'https'
      ? html(response, 200, ORDERS)
      : html(response, 301, '', { location: `https://${headers.host ?? ''}/` }),
  /** Prints what it was asked, as people's test applications do. */
  printing: ({ method, url, headers }, response) =>
    html(response, 200, `<title>You asked</title><pre>${JSON.stringify({ method, url, headers }, null, 2)}</pre>`),
  /** Believes what a header says of the caller. */
  believing: ({ headers }, response) =>
    headers['x-edge-verified'] === 'SUCCESS' ? html(response, 200, ORDERS) : html(response, 403, page('Not verified')),
  /** As CGI does: other marks in names are taken for hyphens. */
  folding: ({ rawHeaders }, response) => {
    const said = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 && name.toLowerCase().replaceAll('_', '-') === 'x-edge-verified' ? [rawHeaders[index + 1]] : [],
    );
    return said.includes('SUCCESS') ? html(response, 200, ORDERS) : html(response, 403, page('Not verified'));
  },
} as const satisfies Readonly<Record<string, Answering>>;

export type Behaviour = keyof typeof BEHAVIOURS;

/** Applications that are started when they are first asked for. */
export class Applications implements AsyncDisposable {
  readonly #running = new Map<Behaviour, Promise<Server>>();

  /** The port of the one that behaves so. */
  async port(behaviour: Behaviour): Promise<number> {
    const running = this.#running.get(behaviour) ?? started(BEHAVIOURS[behaviour]);
    this.#running.set(behaviour, running);
    const address = (await running).address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running.values()) {
      const server = await running;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }
}

async function started(answering: Answering): Promise<Server> {
  const server = createServer(answering).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return server;
}
