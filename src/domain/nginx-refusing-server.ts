/** What the default server of a socket decides for every name there, where nobody decided it before. */
const VERSIONS: readonly string[] = ['ssl_protocols TLSv1.2 TLSv1.3;'];

/** The line by which it takes a socket, written as the locked site writes it. */
export function refusingListen(socket: string): string {
  return `    listen ${socket} ssl default_server;`;
}

/**
 * A server of nginx for names that no other has, and for no name at all: they get no handshake on these sockets. `listens`
 * are lines, `decided` what was decided for the sockets before it. (nginx 1.19.4 and later.)
 */
export function refusingServer(listens: readonly string[], decided: readonly string[] = VERSIONS): readonly string[] {
  return [
    'server {',
    ...listens,
    '    server_name _;',
    '    ssl_reject_handshake on;',
    ...decided.map((line) => `    ${line}`),
    '    ssl_session_tickets off;',
    '    ssl_session_cache off;',
    '    return 421;',
    '}',
  ];
}
