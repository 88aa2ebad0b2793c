// ---- The application ----

const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 32, timeout: UPSTREAM_IDLE });

function targetOf({ url }) {
  const rest = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('/') || rest === '*' ? rest : `/${rest}`;
}

function upstream({ content }) {
  return content.kind === 'socket' ? { socketPath: content.path } : { host: content.host, port: content.port };
}

/** How the body is framed towards the application; nothing where there is none. */
function framing(request) {
  if (request.headers['content-length'] !== undefined) return [];
  const hasBody =
    request.httpVersionMajor === 1
      ? request.headers['transfer-encoding'] !== undefined
      : !request.stream.endAfterHeaders;
  return hasBody ? [['Transfer-Encoding', 'chunked']] : [];
}

function forward(request, response, admitted, triesLeft) {
  const frame = framing(request);
  const hasBody = frame.length > 0 || Number(request.headers['content-length'] ?? 0) > 0;
  const out = http.request({
    ...upstream(admitted.site),
    agent,
    method: request.method,
    path: targetOf(request),
    headers: [...fieldsFor(request, admitted), ...frame],
    timeout: UPSTREAM_SILENCE,
  });
  out.on('timeout', () => out.destroy(Object.assign(new Error('silence'), { status: 504 })));
  out.on('response', (answer) => {
    try {
      response.writeHead(answer.statusCode, answerFields(answer.rawHeaders));
    } catch (error) {
      // What HTTP/1.1 lets pass HTTP/2 may not: two Content-Types, for one.
      out.destroy();
      return failed(response, error);
    }
    return pipeline(answer, response, () => {});
  });
  out.on('error', (error) => {
    // The application closed an idle connection at the moment when it was used again.
    if (out.reusedSocket && !hasBody && triesLeft > 0 && !response.headersSent && !response.destroyed)
      return forward(request, response, admitted, triesLeft - 1);
    return failed(response, error);
  });
  response.once('close', () => out.destroy());
  if (hasBody) pipeline(request, out, () => {});
  else out.end();
}

function failed(response, error) {
  if (response.destroyed || response.writableEnded) return;
  say('application', { error: error.message });
  if (response.headersSent) return void response.destroy();
  const status = error.status ?? 502;
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(`${status}\n`);
}

/** Only WebSocket may switch protocols: h2c would carry requests past the rules above. */
function upgrade(request, socket, head) {
  socket.on('error', () => socket.destroy());
  try {
    const admitted = admit(request);
    const isWebSocket = request.headers.upgrade.toLowerCase() === 'websocket';
    if (!isWebSocket || admitted.site.content.kind === 'static') throw new Refused(400, 'no such protocol');
    connectThrough(request, socket, head, admitted);
  } catch (thrown) {
    const error = thrown instanceof Refused ? thrown : new Refused(400, thrown.message);
    tellRefusal(request, error);
    leave(socket, error.status);
  }
}

const SWITCHING = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
];

function connectThrough(request, socket, head, admitted) {
  const out = http.request({
    ...upstream(admitted.site),
    agent: false,
    method: request.method,
    path: targetOf(request),
    headers: [...fieldsFor(request, admitted), ...SWITCHING],
  });
  // A connection that is in use ends by itself, whatever becomes of the files.
  admitted.connection.pulls += 1;
  out.on('upgrade', (answer, back, early) => {
    back.on('error', () => back.destroy());
    socket.write(Buffer.concat([Buffer.from(headOf(answer, SWITCHING), 'latin1'), early]));
    back.write(head);
    pipeline(back, socket, () => back.destroy());
    pipeline(socket, back, () => socket.destroy());
  });
  out.on('response', (answer) => {
    socket.write(headOf(answer, [['Connection', 'close']]), 'latin1');
    pipeline(answer, socket, () => {});
  });
  out.on('error', () => leave(socket, 502));
  socket.once('close', () => out.destroy());
  out.end();
}

function headOf({ statusCode, rawHeaders }, more) {
  const fields = [...endToEnd(rawHeaders), ...more].map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${statusCode} ${http.STATUS_CODES[statusCode] ?? ''}\r\n${fields.join('')}\r\n`;
}

function leave(socket, status) {
  if (!socket.writable) return;
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
