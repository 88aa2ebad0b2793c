/** Receivers of notices for tests: a real HTTP server, and a mail server that speaks as much SMTP as is needed. */

import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';

/** One message as it came in. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Waits until something is so; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((next) => setTimeout(next, 5));
}

/** A webhook's receiver on loopback. `answer` says what it does with each message, by its number. */
export async function receiver(
  t: TestContext,
  answer: (response: ServerResponse, count: number) => void = (response) => void response.writeHead(204).end(),
  port = 0,
) {
  const got: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response, got.length);
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  t.after(() => (server.listening ? close() : undefined));
  const at = (server.address() as AddressInfo).port;
  return { got, port: at, url: `http://127.0.0.1:${at}/hook`, close };
}

/** Checks a message as its receiver should, with nothing but the secret and what came in. */
export function verified({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  assert.equal(key.length, 32);
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const given = Buffer.from(String(headers['webhook-signature']));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** How a mail server behaves. */
interface MailManners {
  /** Offers STARTTLS with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Wants this user and password, in clear text as PLAIN has them. */
  readonly login?: readonly [user: string, password: string];
  /** What it says to RCPT, by the number of the message. */
  readonly recipient?: (count: number) => string;
}

/** What a mail server has heard. */
export interface HeardMail {
  readonly from: string;
  readonly to: string;
  readonly data: string;
  readonly secure: boolean;
}

/** A mail server on loopback. */
export async function mailReceiver(t: TestContext, manners: MailManners = {}) {
  const mails: HeardMail[] = [];
  const commands: string[] = [];
  let asked = 0;
  const serve = (socket: Socket, secure: boolean): void => {
    let from = '';
    let to = '';
    let data: string | null = null;
    let text = '';
    const say = (line: string) => void socket.write(`${line}\r\n`);
    const obey = (line: string): void => {
      commands.push(line);
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') {
        const offers = [
          ...(manners.tls !== undefined && !secure ? ['STARTTLS'] : []),
          ...(manners.login === undefined ? [] : ['AUTH PLAIN']),
        ];
        const lines = ['hello', ...offers];
        for (const [index, offer] of lines.entries()) say(`250${index === lines.length - 1 ? ' ' : '-'}${offer}`);
      } else if (line.toUpperCase() === 'STARTTLS' && manners.tls !== undefined) {
        say('220 go on');
        socket.removeAllListeners('data');
        serve(new TLSSocket(socket, { isServer: true, ...manners.tls }), true);
      } else if (verb === 'AUTH') {
        const [, user = '', password = ''] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0');
        const good = manners.login?.[0] === user && manners.login[1] === password;
        say(good ? '235 welcome' : '535 who are you');
      } else if (verb === 'MAIL') {
        from = line;
        say('250 ok');
      } else if (verb === 'RCPT') {
        asked += 1;
        to = line;
        say(manners.recipient?.(asked) ?? '250 ok');
      } else if (verb === 'DATA') {
        data = '';
        say('354 go on');
      } else if (verb === 'QUIT') {
        say('221 bye');
        socket.end();
      } else {
        say('502 what');
      }
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (data === null) obey(line);
        else if (line === '.') {
          mails.push({ from, to, data, secure });
          data = null;
          say('250 taken');
        } else data += `${line}\n`;
      }
    });
  };
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.write('220 mail.example.test\r\n');
    serve(socket, false);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { mails, commands, port: (server.address() as AddressInfo).port };
}
