// Visitors that ask once and stay, run as a process of their own: node bench/idle-visitors.ts '<Idle as JSON>'. Says
// "there" when all are there, and goes when its input ends.
import { connect } from 'node:tls';

export interface Idle {
  readonly port: number;
  readonly name: string;
  readonly visitors: number;
}

const AT_ONCE = 64;

async function visit({ port, name }: Idle): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', servername: name, rejectUnauthorized: false });
  socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
  await new Promise((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the edge closed the connection')));
  });
}

const idle = JSON.parse(process.argv[2] ?? '') as Idle;
let coming = idle.visitors;
const come = async (): Promise<void> => {
  while (coming-- > 0) await visit(idle);
};
await Promise.all(Array.from({ length: AT_ONCE }, come));
process.stdout.write('there\n');
process.stdin.on('end', () => process.exit(0)).resume();
