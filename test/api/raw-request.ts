import { connect } from 'node:net';
import type { Answer, Control } from './control.ts';

/** Sends bytes as they are, and reads the answer to its end. */
export async function raw({ base }: Control, bytes: string): Promise<Pick<Answer, 'status' | 'errors'>> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
  return { ...(JSON.parse(body) as Pick<Answer, 'errors'>), status: Number(head.split(' ')[1]) };
}
