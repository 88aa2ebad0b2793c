import type { Knock } from '../knock-request.ts';

/** The head of the request, as HTTP/1.1 sends it. */
export function requestText({ serverName, host = serverName, targetAuthority, plain, path, headers }: Knock): string {
  const scheme = plain === true ? 'http' : 'https';
  const target = targetAuthority === undefined ? path : `${scheme}://${targetAuthority}${path}`;
  const lines =
    host === null
      ? [`GET ${target} HTTP/1.0`, ...headers]
      : [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...headers, 'Connection: close'];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
