// ---- Files ----

/** The file of a path, or `null`: nothing outside the root, not through links either, and nothing hidden. */
function fileOf(root, target) {
  try {
    const names = decodeURIComponent(target.replace(/[?#].*$/s, ''))
      .split('/')
      .filter((name) => name !== '');
    const isHidden = (name) => name.startsWith('.') && name !== '.well-known';
    if (names.some((name) => isHidden(name) || /[\\\0]/.test(name))) return null;
    const top = fs.realpathSync(root);
    let found = fs.realpathSync(path.join(top, ...names));
    if (fs.statSync(found).isDirectory()) found = fs.realpathSync(path.join(found, 'index.html'));
    const isInside = found.startsWith(top.endsWith(path.sep) ? top : `${top}${path.sep}`);
    return isInside && fs.statSync(found).isFile() ? found : null;
  } catch {
    return null;
  }
}

function serveFile(request, response, root) {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new Refused(405, 'files are only read');
  const file = fileOf(root, targetOf(request));
  if (file === null) {
    response.writeHead(404, { 'content-type': 'text/plain', 'content-length': 4 });
    return void response.end('404\n');
  }
  const content = fs.createReadStream(file);
  content.once('open', (descriptor) => {
    const { size, mtime } = fs.fstatSync(descriptor);
    const type = SETTINGS.mediaTypes[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type,
      'content-length': size,
      'last-modified': mtime.toUTCString(),
      'x-content-type-options': 'nosniff',
    });
    if (request.method === 'HEAD') return void response.end(() => content.destroy());
    return void pipeline(content, response, () => {});
  });
  content.once('error', (error) => failed(response, error));
}
