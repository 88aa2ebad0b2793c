import type { ModeLine } from '../lock-record.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { commonDoors, type Door, type Surroundings } from '../server/doors.ts';
import { type HaproxyHost, haproxyHosts, type HaproxyTree, readHaproxyTree } from '../server/haproxy/hosts.ts';
import type { HaproxyLine } from '../server/haproxy/syntax.ts';
import { type Listener, sameSocket } from '../server/virtual-host.ts';
import { chosenHosts } from './chosen-hosts.ts';
import type { InstallPlan, InstallRefusal } from './plan.ts';
import { lockRules, plainRules, refusals, watching, watchLog } from './haproxy-lines.ts';
import { finishedPlan, type LockPlace, ours, PlanFiles, sourceWithout } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';
import { givenWay, lineEnd } from './text-edit.ts';

/** What the plan is made from. */
export interface HaproxyInput {
  readonly files: readonly string[];
  readonly source: ConfigSource;
  readonly listening: Surroundings['listening'];
}

/** The files of HAProxy that a lock changes for a phase. A frontend's sockets are locked for all names on them. */
export function planHaproxy(input: HaproxyInput, request: InstallRequest, phase: Phase): InstallPlan | InstallRefusal {
  const tree = readHaproxyTree(input.files, withoutHaproxyLock(input.source, request));
  const hosts = haproxyHosts(tree);
  const chosen = chosenHosts({ hosts, stops: tree.stops, serving: serving(hosts), claims }, request);
  if ('code' in chosen) return { kind: 'refused', ...chosen, byHand: byHand(request) };
  const files = new PlanFiles(request, tree.texts);
  if (request.defaultServer)
    files.notes.push('The lock holds for every name on its sockets: no default server is needed.');
  for (const host of chosen.locked) lockFrontend(host, request, phase, files);
  for (const host of chosen.plain) insert(host, request, phase, files, plainRules(request));
  const around = {
    server: 'haproxy',
    hosts,
    locked: chosen.locked,
    redirected: chosen.plain,
    listening: input.listening,
  } as const;
  const doors = [...commonDoors(around), ...haproxyDoors(tree)];
  return finishedPlan({ files, source: input.source, chosen, doors });
}

/** The files without what a lock of this name put into them. */
export function withoutHaproxyLock(source: ConfigSource, { name }: Pick<LockPlace, 'name'>): ConfigSource {
  return sourceWithout(source, name, (line) => line.endsWith(ours(name)));
}

function serving(hosts: readonly HaproxyHost[]) {
  return (name: string, socket: Listener) => {
    const host = hosts.find(({ listeners }) => listeners.some((one) => sameSocket(one, socket)));
    return host === undefined ? null : { host, claimed: host.names.includes(name) };
  };
}

function claims(pattern: string, name: string): boolean {
  return pattern === name;
}

function lockFrontend(host: HaproxyHost, request: InstallRequest, phase: Phase, files: PlanFiles): void {
  const text = files.textOf(host.file);
  for (const bind of host.binds.filter(isTls)) {
    const line = text.slice(bind.start, bind.end);
    const bare = withoutWords(text, bind);
    const pair = {
      enforce: `${bare} ${bindWords(request, 'enforce')} ${ours(request.name)}`,
      watch: `${bare} ${bindWords(request, 'watch')} ${ours(request.name)}`,
    };
    files.differs(host.file, pair);
    files.edit(host.file, {
      start: bind.start,
      end: bind.end,
      text: `${givenWay(request.name)}${line}${line.endsWith('\n') ? '' : '\n'}${pair[phase.kind]}${lineEnd(text, bind.start)}`,
    });
  }
  const plain = host.listeners.some(({ tls }) => !tls);
  insert(host, request, phase, files, lockRules(request, phase, plain));
  logWatched(host, request, phase, files);
}

const CALLERS = `Callers other than the edge: journalctl -t haproxy | grep postern-watch | grep -v 'verify="SUCCESS"'`;

/** Whoever is watched is logged behind what the frontend logs anyway. */
function logWatched(host: HaproxyHost, request: InstallRequest, phase: Phase, files: PlanFiles): void {
  const { line, behind, isLogging } = watchLog(host, files.texts);
  const where = `${host.file}:${host.section.head.line}`;
  const note = (text: string) => {
    if (phase.kind === 'watch' && !files.notes.includes(text)) files.notes.push(text);
  };
  if (line === null) {
    note(`The format of the log of ${where} cannot be continued, so who comes without a certificate is not logged.`);
    return;
  }
  note(CALLERS);
  if (!isLogging) note(`The frontend at ${where} logs nowhere: give it "log global" to see who comes.`);
  const last = behind ?? host.binds.at(-1);
  // In front of the last bind a format would be as good, but lines of the lock stand together.
  const at = last === undefined || last.start < (host.binds.at(-1)?.start ?? 0) ? host.binds.at(-1) : last;
  if (at !== undefined) insertBehind(at, host, request, phase, files, [watching(line)]);
}

function isTls({ words }: HaproxyLine): boolean {
  return words.some(({ text }) => text === 'ssl');
}

/** Words of a `bind` that say what is asked of callers, each with a value behind it. */
const ASKING: ReadonlySet<string> = new Set([
  'ca-file',
  'verify',
  'crl-file',
  'ca-ignore-err',
  'crt-ignore-err',
  'ca-verify-file',
]);

function withoutWords(text: string, { words, start }: HaproxyLine): string {
  let kept = '';
  let at = start;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) break;
    if (ASKING.has(word.text)) {
      at = words[index + 1]?.end ?? word.end;
      index += 1;
      continue;
    }
    kept += text.slice(at, word.end);
    at = word.end;
  }
  return kept;
}

function bindWords({ bundle, crl }: Pick<InstallRequest, 'bundle' | 'crl'>, mode: Phase['kind']): string {
  const asked = mode === 'enforce' ? 'verify required' : 'verify optional ca-ignore-err all crt-ignore-err all';
  return `ca-file "${bundle}"${crl === null ? '' : ` crl-file "${crl}"`} ${asked} no-tls-tickets`;
}

/** Lines behind the last socket of a frontend, before all rules of its own. */
function insert(
  host: HaproxyHost,
  request: InstallRequest,
  phase: Phase,
  files: PlanFiles,
  lines: readonly ModeLine[],
): void {
  const last = host.binds.at(-1);
  if (last !== undefined) insertBehind(last, host, request, phase, files, lines);
}

function insertBehind(
  line: HaproxyLine,
  { file }: HaproxyHost,
  { name }: InstallRequest,
  phase: Phase,
  files: PlanFiles,
  lines: readonly ModeLine[],
): void {
  const text = files.textOf(file);
  const indent = /^[ \t]*/.exec(text.slice(line.start))?.[0] ?? '';
  const own = lines.map(({ enforce, watch }) => ({
    enforce: `${indent}${enforce} ${ours(name)}`,
    watch: `${indent}${watch} ${ours(name)}`,
  }));
  const end = lineEnd(text, line.start);
  for (const one of own.filter(({ enforce, watch }) => enforce !== watch)) files.differs(file, one);
  files.edit(file, { start: line.end, end: line.end, text: own.map((one) => `${one[phase.kind]}${end}`).join('') });
}

function haproxyDoors({ stops, sections }: HaproxyTree): readonly Door[] {
  const cache = sections
    .filter(({ kind }) => kind === 'global')
    .flatMap(({ lines }) => lines)
    .find(({ words }) => words[0]?.text === 'tune.ssl.cachesize');
  return [
    ...stops.map(({ place }) => ({ server: 'haproxy', code: 'unread', place, at: '' }) as const),
    ...(cache?.words[1]?.text === '0'
      ? []
      : [{ server: 'haproxy', code: 'lasting_sessions', place: null, at: 'tune.ssl.cachesize' } as const]),
  ];
}

/** What to add to the sockets and rules where the command does not. */
function byHand(request: InstallRequest): readonly string[] {
  return [`bind … ssl crt … ${bindWords(request, 'enforce')}`, ...refusals(request)];
}
