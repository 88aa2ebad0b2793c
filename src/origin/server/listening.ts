import { readFileSync } from 'node:fs';

/** The TCP sockets on which this host listens, whoever does. Where /proc is not there, none. */
export function listeningSockets(): readonly { readonly host: string; readonly port: number }[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => {
    try {
      return parseListening(readFileSync(path, 'latin1'));
    } catch {
      return [];
    }
  });
}

const LISTEN = '0A';

/** The rows of /proc/net/tcp and tcp6 that listen: addresses stand there as little-endian words in hex. */
function parseListening(text: string): readonly { readonly host: string; readonly port: number }[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === LISTEN)
    .flatMap(([, local = '']) => {
      const [address = '', port = ''] = local.split(':');
      const host = address.length === 8 ? four(address) : six(address);
      return [{ host, port: Number.parseInt(port, 16) }];
    });
}

function bytes(word: string): readonly number[] {
  return [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
}

function four(address: string): string {
  return bytes(address).join('.');
}

function six(address: string): string {
  const all = (address.match(/.{8}/g) ?? []).flatMap(bytes);
  if (all.slice(0, 15).every((byte) => byte === 0)) return all[15] === 0 ? '::' : '::1';
  const mapped = all.slice(0, 10).every((byte) => byte === 0) && all[10] === 255 && all[11] === 255;
  if (mapped) return `::ffff:${all.slice(12).join('.')}`;
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => (((all[at] ?? 0) << 8) | (all[at + 1] ?? 0)).toString(16));
  return groups.join(':');
}
