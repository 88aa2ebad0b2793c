import type { LighttpdTree, Setting, Value } from '../../server/lighttpd/tree.ts';
import { textOf } from '../../server/lighttpd/tree.ts';
import { type Caller, decided, type Fate } from '../caller.ts';
import type { Said } from '../said.ts';
import { examplePath } from '../example-path.ts';
import type { Door, RuledPath } from '../gate.ts';
import { fits } from '../pattern.ts';
import type { Turned } from '../value.ts';
import { allFound, isOn, membersOf, type Request, settingFor } from './settings.ts';

const REFUSED: Fate = { kind: 'refused', because: null };

/** How lighttpd asks in the handshake for a name. */
export interface Asking {
  readonly activate: Setting | undefined;
  readonly enforce: Setting | undefined;
  readonly authority: Setting | undefined;
  readonly isActive: boolean;
  readonly isEnforced: boolean;
}

/** What is known in the handshake. */
export function handshakeOf(serverName: string | null, door: Door): Request {
  return { door, host: serverName, path: '/', method: 'GET', stage: 'handshake', tries: 'nothing', turned: new Set() };
}

/** How a name is asked at a socket. */
export function askingFor(tree: LighttpdTree, request: Request): Asking {
  const activate = settingFor(tree, 'ssl.verifyclient.activate', request);
  const enforce = settingFor(tree, 'ssl.verifyclient.enforce', request);
  const authority = settingFor(tree, 'ssl.verifyclient.ca-file', request) ?? settingFor(tree, 'ssl.ca-file', request);
  return { activate, enforce, authority, isActive: isOn(activate, false), isEnforced: isOn(enforce, true) };
}

/** What becomes of a caller at a socket; `keepsOut` is why no certificate of the edge passes there. */
export function lighttpdFate(tree: LighttpdTree, caller: Caller, door: Door, keepsOut: Said | null): Fate {
  // Sessions of another name are not taken up, and those of the same one keep what was shown.
  if (caller.resumes === 'other') return REFUSED;
  const asking = askingFor(tree, handshakeOf(caller.serverName, door));
  const refused = door.tls ? refusedByTls(tree, asking, caller, door, keepsOut) : null;
  if (refused !== null) return refused;
  const turned: Turned = new Set();
  const request: Request = {
    door,
    host: caller.host,
    path: caller.path,
    method: caller.method,
    stage: 'request',
    tries: caller.tries,
    turned,
  };
  return requestFate(tree, request, () => {
    const reaches = reachesOf(tree, request);
    if (caller.shows === 'look_alike') return REFUSED;
    return reaches.length === 0 ? REFUSED : { kind: 'served', reaches, because: cause(tree, asking, caller, request) };
  });
}

function refusedByTls(
  tree: LighttpdTree,
  { isActive, isEnforced }: Asking,
  { shows, serverName, host }: Caller,
  door: Door,
  keepsOut: Said | null,
): Fate | null {
  const isRight = shows === 'right' || shows === 'look_alike';
  if (keepsOut !== null && ((isRight && isEnforced) || KEEPS_ALL_OUT.has(keepsOut.code)))
    return { kind: 'refused', because: isRight ? keepsOut : null };
  if (!isActive || !isEnforced || isRight) return null;
  if (shows !== 'other_authority') return REFUSED;
  const path = (name: string | null) => textOf(askingFor(tree, handshakeOf(name, door)).authority?.value);
  return path(serverName) === path(host) ? REFUSED : null;
}

/** Nobody at all gets through such a handshake. */
const KEEPS_ALL_OUT: ReadonlySet<Said['code']> = new Set(['server_chain', 'ca_file_missing', 'ca_file_unusable']);

/** What turns requests away before anything serves them; `on` goes on. */
function requestFate(tree: LighttpdTree, request: Request, on: () => Fate): Fate {
  return refusedBy(
    tree,
    'url.access-deny',
    request,
    REFUSED,
    (value) => membersOf(value).some((one) => request.path.endsWith(textOf(one.value) ?? '\0')),
    () => refusedBy(tree, 'url.redirect', request, { kind: 'redirected' }, (value) => redirects(value, request), on),
  );
}

// The last block that fits has the last word; where a caller chooses whether it does, both count.
function refusedBy(
  tree: LighttpdTree,
  name: string,
  request: Request,
  end: Fate,
  isMeant: (value: Value) => boolean,
  on: () => Fate,
): Fate {
  const found = allFound(tree, name, request).toReversed();
  for (const { setting, truth } of found) {
    const meant = isMeant(setting.value);
    if (truth === 'yes') return meant ? end : on();
    if (meant) return decided(truth, setting.place, 'a condition that was not understood', () => end, on);
  }
  return on();
}

function redirects(value: Value, { path }: Request): boolean {
  return membersOf(value).some(({ key, value: to }) => {
    const target = textOf(to) ?? '';
    return /^https?:\/\//.test(target) && fits(key ?? '', path) !== false;
  });
}

const HANDED_ON = ['proxy.server', 'fastcgi.server', 'scgi.server', 'sockproxy.server', 'ajp13.server', 'uwsgi.server'];

/** What a request is handed to. */
export function reachesOf(tree: LighttpdTree, request: Request): readonly string[] {
  for (const name of HANDED_ON) {
    const setting = likeliest(tree, name, request);
    const found = membersOf(setting?.value).filter(({ key }) => isFor(key ?? '', request.path));
    const targets = found.flatMap(({ value }) => membersOf(value).flatMap((one) => targetOf(one.value)));
    if (targets.length > 0) return [...new Set(targets)];
  }
  const alias = membersOf(likeliest(tree, 'alias.url', request)?.value).find(
    ({ key }) => key !== null && request.path.startsWith(key),
  );
  if (alias !== undefined) return [`files:${textOf(alias.value) ?? ''}`];
  const named = ['evhost.path-pattern', 'simple-vhost.server-root', 'server.document-root'];
  const root = named.map((name) => likeliest(tree, name, request)).find((one) => one !== undefined);
  const directory = textOf(root?.value);
  // A directory that is not there serves nothing: people write it to say so.
  return directory === null || directory === '' || directory === '/nonexistent' ? [] : [`files:${directory}`];
}

function likeliest(tree: LighttpdTree, name: string, request: Request): Setting | undefined {
  return allFound(tree, name, request).at(-1)?.setting;
}

// A key that begins with a slash is a path, and any other an ending.
function isFor(key: string, path: string): boolean {
  return key.startsWith('/') ? path.startsWith(key) : key === '' || path.endsWith(key);
}

function targetOf(value: Value): readonly string[] {
  const of = (name: string) => textOf(membersOf(value).find(({ key }) => key === name)?.value);
  const socket = of('socket');
  if (socket !== null) return [`unix:${socket}`];
  const host = of('host');
  if (host === null) return [];
  return [`tcp:${host.replace(/^localhost$/, '127.0.0.1')}:${of('port') ?? '80'}`];
}

/** Why somebody without the right certificate gets in. */
function cause(tree: LighttpdTree, asking: Asking, { serverName }: Caller, { door, turned }: Request): Said {
  const { activate, enforce, authority, isActive } = asking;
  const first = tree.blocks[0]?.place ?? { file: tree.main, line: 1 };
  const because = (code: Said['code'], setting: Setting | undefined): Said => ({
    code,
    where: setting?.place ?? first,
    detail: setting === undefined ? '' : `${setting.name} = "${textOf(setting.value) ?? ''}"`,
  });
  if (!door.tls) return because('plain_http', undefined);
  if (turned.has('address') || turned.has('field'))
    return because(isActive ? 'or_instead_of_and' : 'not_a_lock', activate);
  if (isActive) return because('unverified', enforce);
  const meant = enforce ?? authority;
  if (meant !== undefined || activate !== undefined) return because('verification_off', activate ?? meant);
  // Elsewhere it is asked: in a block for another name.
  return because(serverName === null ? 'name_mismatch' : 'not_asked', undefined);
}

/** The condition of an exempt path, as it is written. */
export function pathsIn({ blocks }: LighttpdTree): readonly RuledPath[] {
  const found = blocks.flatMap(({ guards, place }) =>
    guards.flatMap(({ condition }) => {
      const path = condition?.subject === 'HTTP["url"]' ? pathOf(condition) : null;
      return path === null || path === '/' ? [] : [{ path, where: place }];
    }),
  );
  return [...new Map(found.map((one) => [one.path, one])).values()];
}

function pathOf({ operator, value }: { readonly operator: string; readonly value: string }): string | null {
  if (operator.endsWith('~')) return /^\^?(\/[\w./-]*)/.exec(value)?.[1] ?? examplePath(value);
  if (operator === '=$') return value.startsWith('/') ? value : `/x${value}`;
  return value.startsWith('/') ? value : null;
}
