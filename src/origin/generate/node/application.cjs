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
    response.writeHead(answer.statusCode, answerFields(answer.rawHeaders));
    pipeline(answer, response, () => {});
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
  const leave = (status) =>
    socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  let admitted;
  try {
    admitted = admit(request);
    const isWebSocket = request.headers.upgrade.toLowerCase() === 'websocket';
    if (!isWebSocket || admitted.site.content.kind === 'static') throw new Refused(400, 'no such protocol');
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tellRefusal(request, error);
    return leave(error.status);
  }
  admitted.connection.pulls += 1;
  const switching = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
  ];
  const out = http.request({
    ...upstream(admitted.site),
    agent: false,
    method: request.method,
    path: targetOf(request),
    headers: [...fieldsFor(request, admitted), ...switching],
  });
  const answerHead = ({ statusCode, rawHeaders }, more) =>
    `HTTP/1.1 ${statusCode} ${http.STATUS_CODES[statusCode] ?? ''}\r\n${[...endToEnd(rawHeaders), ...more].map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  out.on('upgrade', (answer, back, early) => {
    socket.write(Buffer.concat([Buffer.from(answerHead(answer, switching), 'latin1'), early]));
    back.write(head);
    pipeline(back, socket, back, () => {});
  });
  out.on('response', (answer) => {
    socket.write(answerHead(answer, [['Connection', 'close']]), 'latin1');
    pipeline(answer, socket, () => {});
  });
  out.on('error', () => leave(502));
  socket.once('close', () => out.destroy());
  out.end();
  return undefined;
}
