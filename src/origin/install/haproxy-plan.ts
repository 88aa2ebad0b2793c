import type { ConfigSource } from '../server/config-source.ts';
import { commonDoors, type Door, type Surroundings } from '../server/doors.ts';
import { type HaproxyHost, haproxyHosts, type HaproxyTree, readHaproxyTree } from '../server/haproxy/hosts.ts';
import type { HaproxyLine } from '../server/haproxy/syntax.ts';
import { type Listener, sameSocket } from '../server/virtual-host.ts';
import { chosenHosts } from './chosen-hosts.ts';
import type { InstallPlan, InstallRefusal } from './plan.ts';
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
  for (const host of chosen.locked) lockFrontend(host, request, phase, files);
  for (const host of phase.kind === 'enforce' ? chosen.plain : []) insert(host, request, files, redirection());
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
    const changed = `${withoutWords(text, bind)} ${bindWords(request, phase.kind)} ${ours(request.name)}${lineEnd(text, bind.start)}`;
    const mark = givenWay(request.name);
    files.edit(host.file, {
      start: bind.start,
      end: bind.end,
      text: `${mark}${line}${line.endsWith('\n') ? '' : '\n'}${changed}`,
    });
  }
  const plain = host.listeners.some(({ tls }) => !tls);
  insert(host, request, files, [
    ...(phase.kind === 'enforce' ? [...(plain ? redirection() : []), ...rules(request)] : []),
    ...proofRules(phase),
  ]);
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

function rules({ pins }: Pick<InstallRequest, 'pins'>): readonly string[] {
  const pinned = pins.map(({ derSha1 }) => derSha1).join(' ');
  return [
    // 0 also stands for no certificate at all.
    'http-request deny deny_status 403 unless { ssl_c_used } { ssl_c_verify 0 }',
    ...(pinned === '' ? [] : [`http-request deny deny_status 403 unless { ssl_c_sha1,hex -i -m str ${pinned} }`]),
  ];
}

function proofRules({ proof }: Phase): readonly string[] {
  if (proof === null) return [];
  const answer = (verdict: string, condition: string) =>
    `http-request return status 200 content-type text/plain lf-string "${proof.word} ${verdict}" if { path ${proof.path} } ${condition}`;
  return [
    answer('', '!{ ssl_fc }'),
    answer('NONE', '!{ ssl_c_used }'),
    answer('SUCCESS', '{ ssl_c_verify 0 }'),
    answer('FAILED:%[ssl_c_verify]', '{ ssl_c_used }'),
  ];
}

function redirection(): readonly string[] {
  return ['http-request redirect scheme https code 301 unless { ssl_fc }'];
}

/** Lines behind the last socket of a frontend, before all rules of its own. */
function insert(host: HaproxyHost, { name }: InstallRequest, files: PlanFiles, lines: readonly string[]): void {
  const last = host.binds.at(-1);
  if (last === undefined || lines.length === 0) return;
  const text = files.textOf(host.file);
  const indent = /^[ \t]*/.exec(text.slice(last.start))?.[0] ?? '';
  const end = lineEnd(text, last.start);
  const own = lines.map((line) => `${indent}${line} ${ours(name)}${end}`).join('');
  files.edit(host.file, { start: last.end, end: last.end, text: own });
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
  return [`bind … ssl crt … ${bindWords(request, 'enforce')}`, ...rules(request)];
}
