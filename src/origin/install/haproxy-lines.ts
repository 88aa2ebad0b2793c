import {
  host as askedName,
  verdictHeader,
  verdictRules,
  WATCHED_AGENT,
  watchFormat,
  withoutCopies,
} from '../generate/haproxy-rules.ts';
import type { ModeLine } from '../lock-record.ts';
import type { HaproxyHost, PlacedSection } from '../server/haproxy/hosts.ts';
import type { HaproxyLine } from '../server/haproxy/syntax.ts';
import type { InstallRequest, Phase } from './request.ts';

/** The same in both modes. */
function always(line: string): ModeLine {
  return { enforce: line, watch: line };
}

// A comment in the other mode, so that both have the same lines and sync can make one of the other.
function enforcing(line: string): ModeLine {
  return { enforce: line, watch: `# ${line}` };
}

/** Only while nobody is refused. */
export function watching(line: string): ModeLine {
  return { enforce: `# ${line}`, watch: line };
}

/** Rules of a frontend over TLS, in front of its own. */
export function lockRules(request: InstallRequest, phase: Phase, isPlainToo: boolean): readonly ModeLine[] {
  return [
    ...(isPlainToo ? redirection() : []),
    ...refusals(request).map(enforcing),
    ...told(request),
    ...proofRules(phase).map(always),
  ];
}

/** Rules of a frontend without TLS that leads to the same. */
export function plainRules(request: InstallRequest): readonly ModeLine[] {
  const { verifiedHeader } = request;
  return [...redirection(), ...(verifiedHeader === null ? [] : told(request))];
}

/** Who is refused though the handshake let him in. */
export function refusals({ pins }: Pick<InstallRequest, 'pins'>): readonly string[] {
  return [
    // 0 also stands for no certificate at all.
    'http-request deny deny_status 403 unless { ssl_c_used } { ssl_c_verify 0 }',
    ...(pins.length === 0 ? [] : [`http-request deny deny_status 403 unless { ${pinned(pins)} }`]),
  ];
}

function pinned(pins: InstallRequest['pins']): string {
  return `ssl_c_sha1,hex -i -m str ${pins.map(({ derSha1 }) => derSha1).join(' ')}`;
}

/** What was verified, for the log and for the application: while enforcing nobody but the application needs it. */
function told({ pins, verifiedHeader }: InstallRequest): readonly ModeLine[] {
  const verdict = verdictRules(pins.length === 0 ? null : pinned(pins));
  const logged = [...askedName(), WATCHED_AGENT];
  if (verifiedHeader === null) return [...logged, ...verdict].map(watching);
  return [
    ...logged.map(watching),
    ...[...verdict, withoutCopies(verifiedHeader), verdictHeader(verifiedHeader)].map(always),
  ];
}

function proofRules({ proof }: Phase): readonly string[] {
  if (proof === null) return [];
  const answer = (verdict: string, condition: string) =>
    `http-request return status 200 content-type text/plain lf-string "${proof.word} ${verdict}" if { path ${proof.path} } ${condition}`;
  return [
    // The lock proves itself without being counted.
    `http-request set-log-level silent if { path ${proof.path} }`,
    answer('', '!{ ssl_fc }'),
    answer('NONE', '!{ ssl_c_used }'),
    answer('SUCCESS', '{ ssl_c_verify 0 }'),
    answer('FAILED:%[ssl_c_verify]', '{ ssl_c_used }'),
  ];
}

function redirection(): readonly ModeLine[] {
  return [enforcing('http-request redirect scheme https code 301 unless { ssl_fc }')];
}

/** `option httplog` and `option httpslog`, as HAProxy's manual writes them out. */
const HTTP_LOG =
  '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r';
const HTTPS_LOG = `${HTTP_LOG} %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc`;

/** How a frontend logs those who are watched, behind what it logs anyway. */
export interface WatchLog {
  /** `null` where its format cannot be continued. */
  readonly line: string | null;
  /** The line of its own that it has to stand behind; `null` where there is none. */
  readonly behind: HaproxyLine | null;
  /** Whether it logs at all. */
  readonly isLogging: boolean;
}

/** The format of a frontend's log, continued. */
export function watchLog({ section, defaults }: HaproxyHost, texts: ReadonlyMap<string, string>): WatchLog {
  const places = [section, ...(defaults === undefined ? [] : [defaults])];
  const found = places.flatMap((place) => {
    const line = place.lines.findLast(saysFormat);
    return line === undefined ? [] : [{ place, line }];
  });
  const [first] = found;
  const format = first === undefined ? quoted(HTTP_LOG) : formatOf(first.place, first.line, texts);
  return {
    line: format === null ? null : `log-format ${format}${quoted(` ${watchFormat()}`)}`,
    behind: section.lines.findLast(saysFormat) ?? null,
    isLogging: places.some(({ lines }) => lines.some(({ words }) => words[0]?.text === 'log')),
  };
}

function saysFormat({ words: [first, second] }: HaproxyLine): boolean {
  return (
    first?.text === 'log-format' || (first?.text === 'option' && /^(?:http|https|tcp)log$/.test(second?.text ?? ''))
  );
}

// The word as it stands: HAProxy joins quoted parts that touch each other.
function formatOf({ file }: PlacedSection, { words }: HaproxyLine, texts: ReadonlyMap<string, string>): string | null {
  const [first, second, third] = words;
  if (first?.text === 'log-format')
    return second === undefined ? null : (texts.get(file) ?? '').slice(second.start, second.end);
  if (third !== undefined) return null;
  return quoted(second?.text === 'httpslog' ? HTTPS_LOG : HTTP_LOG);
}

function quoted(text: string): string {
  return `"${text}"`;
}
