// ---- Header fields ----

const OF_ONE_HOP = new Set(
  'connection expect host http2-settings keep-alive proxy proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

function pairs(raw) {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1]]] : []));
}

/** CGI, WSGI, Rack and PHP turn these into the same variable, so they are the same here. */
function folded(name) {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '_');
}

/** Headers in which any application behind this server believes, also those of another site. */
const VERDICTS = [...new Set(sites.filter(({ mode }) => mode !== 'open').map(({ verifiedHeader }) => verifiedHeader))];
/** The header that says whom it was let in as; `null` where nobody but the edge is. */
const VIA = SETTINGS.viaHeader;
const OURS = new Set([...VERDICTS, ...(VIA === null ? [] : [VIA])].map(folded));
/** Fields by which only the edge may speak for visitors: names, and how names begin or end. */
const CLAIMS = {
  names: new Set(SETTINGS.claims.names.map(folded)),
  prefixes: SETTINGS.claims.prefixes.map(folded),
  suffixes: SETTINGS.claims.suffixes.map(folded),
};

function isClaim(name) {
  const text = folded(name);
  return (
    CLAIMS.names.has(text) ||
    CLAIMS.prefixes.some((prefix) => text.startsWith(prefix)) ||
    (text.startsWith('x_') && CLAIMS.suffixes.some((suffix) => text.endsWith(suffix)))
  );
}

/** The fields that travel on: neither those of one connection nor those that Connection names. */
function endToEnd(raw) {
  const all = pairs(raw);
  const named = all
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/));
  return all.filter(([name]) => {
    const lower = name.toLowerCase();
    return !lower.startsWith(':') && !OF_ONE_HOP.has(lower) && !named.includes(lower);
  });
}

/** What the application gets. The verdict is always this server's own: copies of it go in every spelling. */
function fieldsFor(request, { connection, site, host, port, verdict }) {
  const isOwn = site.via === 'own';
  const kept = endToEnd(request.rawHeaders).filter(([name]) => !OURS.has(folded(name)) && !(isOwn && isClaim(name)));
  const cookies = kept.filter(([name]) => name.toLowerCase() === 'cookie').map(([, value]) => value);
  return [
    ['Host', `${host}${port}`],
    ...kept.filter(([name]) => name.toLowerCase() !== 'cookie'),
    ...(cookies.length === 0 ? [] : [['Cookie', cookies.join('; ')]]),
    ...(site.mode === 'open' ? VERDICTS.map((name) => [name, 'NONE']) : [[site.verifiedHeader, verdict]]),
    ...(VIA !== null && verdict === 'SUCCESS' && site.mode !== 'open' ? [[VIA, site.via]] : []),
    // Of its owner's callers the server says itself where they come from.
    ...(isOwn
      ? [
          ['X-Forwarded-For', connection.from],
          ['X-Forwarded-Proto', 'https'],
        ]
      : []),
  ];
}

/** The fields of an answer as an object: several of one name become a list. */
function answerFields(raw) {
  const fields = {};
  for (const [name, value] of endToEnd(raw)) {
    const lower = name.toLowerCase();
    fields[lower] = fields[lower] === undefined ? value : [fields[lower], value].flat();
  }
  return fields;
}
