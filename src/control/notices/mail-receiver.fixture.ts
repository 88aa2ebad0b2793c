/** A mail server for tests, which speaks as much SMTP as is needed. */

import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';

/** How it behaves. */
interface Manners {
  /** Offers STARTTLS with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Wants this user and password, as PLAIN has them. */
  readonly login?: readonly [user: string, password: string];
  /** What it says to RCPT, by how often it was asked. */
  readonly recipient?: (count: number) => string;
}

/** A mail as it was handed over. */
interface HeardMail {
  readonly from: string;
  readonly to: string;
  readonly data: string;
  readonly secure: boolean;
}

interface Heard {
  readonly mails: HeardMail[];
  readonly commands: string[];
}

/** A mail server on loopback. */
export async function mailReceiver(t: TestContext, manners: Manners = {}) {
  const heard: Heard = { mails: [], commands: [] };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.write('220 mail.example.test\r\n');
    new Talk(socket, false, { manners, heard });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { ...heard, port: (server.address() as AddressInfo).port };
}

interface Place {
  readonly manners: Manners;
  readonly heard: Heard;
}

/** One connection, or what it becomes after STARTTLS. */
class Talk {
  readonly #socket: Socket;
  readonly #secure: boolean;
  readonly #place: Place;
  #text = '';
  #from = '';
  #to = '';
  #data: string | null = null;

  constructor(socket: Socket, secure: boolean, place: Place) {
    this.#socket = socket;
    this.#secure = secure;
    this.#place = place;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
  }

  #say(...lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  #hear(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\r\n'); end !== -1; end = this.#text.indexOf('\r\n')) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      if (this.#data === null) this.#obey(line);
      else if (line === '.') this.#taken(this.#data);
      else this.#data += `${line}\n`;
    }
  }

  #taken(data: string): void {
    this.#place.heard.mails.push({ from: this.#from, to: this.#to, data, secure: this.#secure });
    this.#data = null;
    this.#say('250 taken');
  }

  #obey(line: string): void {
    const { commands } = this.#place.heard;
    commands.push(line);
    switch (/^\w*/.exec(line.toUpperCase())?.[0] ?? '') {
      case 'EHLO':
        return this.#greet();
      case 'STARTTLS':
        return this.#secureIt();
      case 'AUTH':
        return this.#signIn(line);
      case 'MAIL':
        this.#from = line;
        return this.#say('250 ok');
      case 'RCPT': {
        this.#to = line;
        const count = commands.filter((one) => one.startsWith('RCPT')).length;
        return this.#say(this.#place.manners.recipient?.(count) ?? '250 ok');
      }
      case 'DATA':
        this.#data = '';
        return this.#say('354 go on');
      case 'QUIT':
        this.#socket.end('221 bye\r\n');
        return undefined;
      default:
        return this.#say('502 what');
    }
  }

  #greet(): void {
    const { tls, login } = this.#place.manners;
    const offers = [...(tls === undefined || this.#secure ? [] : ['STARTTLS']), ...(login ? ['AUTH PLAIN'] : [])];
    this.#say(...offers.map((offer) => `250-${offer}`), '250 HELP');
  }

  #secureIt(): void {
    const { tls } = this.#place.manners;
    if (tls === undefined) return this.#say('502 what');
    this.#say('220 go on');
    this.#socket.removeAllListeners('data');
    new Talk(new TLSSocket(this.#socket, { isServer: true, ...tls }), true, this.#place);
  }

  #signIn(line: string): void {
    const [, user, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString()
      .split('\0');
    const [known, secret] = this.#place.manners.login ?? [];
    this.#say(user === known && password === secret ? '235 welcome' : '535 who are you');
  }
}
