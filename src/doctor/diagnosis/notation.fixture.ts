import { createHash } from 'node:crypto';
import { sketchOf } from '../likeness.ts';
import type { Answer, Asking, Handshake, KnownPage, Observation, Saw } from '../observation.ts';
import type { CredentialKind, Earlier, Forgery, NameKind, Probe, Spelling } from '../probe.ts';
import type { Target } from '../target.ts';
import { diagnose, type Examined } from './diagnose.ts';

/**
 * Observations as text, one a line:
 *
 *     none 1.3 sni=unknown host=locked -> alert 116 asks=CN=edge
 *     right 1.2 h2 -> 200 "Welcome" server=nginx
 *     none 1.3 resumes=none@other -> not_resumed
 *     none http -> 301 to=https://a.test/
 *
 * What is left out is as the edge would do it. `asks` alone asks and names nobody, `asks=none` asks for nothing;
 * underscores in names of authorities stand for blanks.
 */
export const HERE: Target = { host: 'a.test', address: '127.0.0.1', port: 8443, door: 'https' };

const AT = Date.UTC(2026, 0, 1);

export function observations(text: string, target: Target = HERE): readonly Observation[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => observation(line, target));
}

/** Judges one target by what the lines say, and any others given with theirs. */
export function judged(text: string, more: Partial<Examined> & { readonly others?: readonly [Target, string][] } = {}) {
  const { others = [], ...rest } = more;
  return diagnose({
    targets: [HERE, ...others.map(([target]) => target)],
    observations: [...observations(text), ...others.flatMap(([target, lines]) => observations(lines, target))],
    configuration: null,
    identity: null,
    notChecked: [],
    ...rest,
  });
}

function observation(line: string, target: Target): Observation {
  const [tried = '', came = ''] = line.split(' -> ');
  const probe = probeOf(words(tried), target);
  const parts = words(came);
  return { probe, saw: sawOf(parts), handshake: handshakeOf(parts, probe), at: AT };
}

function words(text: string): readonly string[] {
  return text.match(/"[^"]*"|[^\s"]+/g) ?? [];
}

function wordOf(parts: readonly string[], key: string): string | null {
  return parts.find((part) => part.startsWith(`${key}=`))?.slice(key.length + 1) ?? null;
}

function probeOf(parts: readonly string[], target: Target): Probe {
  const [credential = 'none', tls] = parts;
  const [made = '', under = 'locked'] = (wordOf(parts, 'resumes') ?? '').split('@');
  return {
    target,
    credential: credential as CredentialKind,
    tls: tls === 'http' ? null : tls === '1.2' ? 'TLSv1.2' : 'TLSv1.3',
    protocol: parts.includes('h2') ? 'h2' : 'http/1.1',
    sni: (wordOf(parts, 'sni') ?? 'locked') as NameKind,
    host: (wordOf(parts, 'host') ?? 'locked') as NameKind,
    otherName: parts.some((part) => /=(?:.*@)?other$/.test(part)) ? 'b.test' : null,
    spelling: (wordOf(parts, 'spelling') ?? 'plain') as Spelling,
    resumes: made === '' ? null : earlierOf(made, under),
    forges: wordOf(parts, 'forges') as Forgery | null,
    path: wordOf(parts, 'path') ?? '/',
    turn: Number(wordOf(parts, 'turn') ?? 0),
  };
}

function earlierOf(made: string, under: string): Earlier {
  const sni = under as NameKind;
  return { credential: made as CredentialKind, sni, turn: 0, otherName: sni === 'other' ? 'b.test' : null };
}

function sawOf(parts: readonly string[]): Saw {
  const [kind = '', detail = ''] = parts;
  switch (kind) {
    case 'alert':
      return { kind, number: Number(detail) };
    case 'silent':
      return { kind, stage: detail as 'handshake' };
    case 'unreachable':
    case 'refused':
      return { kind: 'unreachable', code: detail === '' ? 'ECONNREFUSED' : detail };
    case 'unreadable':
      return { kind, detail };
    case 'not_resumed':
      return { kind, why: 'declined' };
    case 'closed':
    case 'no_http2':
      return { kind };
    default:
      return { kind: 'answered', answer: answerOf(Number(kind), parts) };
  }
}

function answerOf(status: number, parts: readonly string[]): Answer {
  const body = parts.find((part) => part.startsWith('"'))?.slice(1, -1) ?? '';
  const title = /<title>(.*)<\/title>/.exec(body)?.[1] ?? null;
  return {
    status,
    server: wordOf(parts, 'server'),
    location: wordOf(parts, 'to'),
    type: 'text/html',
    title,
    bytes: body.length,
    complete: true,
    digest: createHash('sha256').update(body).digest('hex'),
    sketch: sketchOf(body, ['a.test', 'b.test']),
    page: wordOf(parts, 'page') as KnownPage | null,
    date: AT + 60_000 * Number(wordOf(parts, 'minutes') ?? 0),
    http3: parts.includes('http3'),
    echo: parts.includes('echo') ? { verified: parts.includes('told') } : null,
  };
}

function handshakeOf(parts: readonly string[], probe: Probe): Handshake | null {
  const asks = askingOf(parts);
  if (probe.tls === null || (asks === null && !/^\d/.test(parts[0] ?? ''))) return null;
  return {
    complete: true,
    version: probe.tls,
    protocol: probe.protocol,
    resumed: probe.resumes !== null,
    asks,
    serverCertificate: null,
    earlyData: parts.includes('early'),
  };
}

function askingOf(parts: readonly string[]): Asking | null {
  const names = wordOf(parts, 'asks');
  if (names === 'none') return { kind: 'nothing' };
  if (names === null && !parts.includes('asks')) return null;
  const authorities = names === null ? [] : names.replaceAll('_', ' ').split('|');
  const count = Number(wordOf(parts, 'count') ?? authorities.length);
  return { kind: 'certificate', authorities, count, schemes: wordOf(parts, 'schemes')?.split('|') ?? [] };
}
