import type { Caller } from '../caller.ts';
import type { Door } from '../gate.ts';
import { addressOf, CHOSEN, fieldOf, text, type Turned, UNKNOWN, type Value } from '../value.ts';

/** What a connection is known to be once the handshake is over. */
export interface Session {
  /** What the server has seen of the caller. */
  readonly shown: Caller['shows'];
  /** `ssl_c_verify`: 0 stands for success, and for no certificate at all. */
  readonly verify: '0' | '18';
  readonly resumed: boolean;
}

/** What a variable holds, and what that turned on. */
interface Variable {
  readonly value: Value;
  readonly turned: Turned;
}

/** What rules are evaluated with. */
export interface RequestWorld {
  readonly caller: Caller;
  readonly session: Session;
  readonly door: Door;
  readonly variables: Map<string, Variable>;
  readonly turned: Turned;
  /** How many rules are still followed: where a caller may choose, both ways are. */
  readonly budget: { left: number };
}

/** A fetch with its converters: `req.hdr(host),lower`. */
export interface Sample {
  readonly fetch: string;
  readonly args: string;
  readonly converters: readonly { readonly name: string; readonly args: string }[];
}

const PART = /([A-Za-z_][\w.-]*)(?:\(((?:[^()\\]|\\.|\[[^\]]*\]|\([^()]*\))*)\))?(?:,|$)/y;
const MAX_PARTS = 32;

/** Reads a sample expression; null for what is none. */
export function sampleOf(written: string): Sample | null {
  const parts: { readonly name: string; readonly args: string }[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < written.length && parts.length < MAX_PARTS) {
    const [, name, args = ''] = PART.exec(written) ?? [];
    if (name === undefined) return null;
    parts.push({ name, args });
  }
  const [first, ...converters] = parts;
  return first === undefined ? null : { fetch: first.name.toLowerCase(), args: first.args, converters };
}

/** The value of a sample; null where there is none, so that no comparison with it holds. */
export function sampled({ fetch, args, converters }: Sample, world: RequestWorld): Value | null {
  let value = fetched(fetch, args, world);
  for (const { name, args: given } of converters) value = converted(value, name.toLowerCase(), given, world);
  return value;
}

function fetched(fetch: string, args: string, world: RequestWorld): Value | null {
  const { caller, session, door, variables, turned } = world;
  const has = session.shown !== 'nothing';
  switch (fetch) {
    case 'ssl_fc':
      return flag(door.tls);
    case 'ssl_c_used':
      turned.add('verify');
      return flag(has);
    case 'ssl_fc_has_crt':
      turned.add('verify');
      return flag(has && !session.resumed);
    case 'ssl_fc_is_resumed':
      return flag(session.resumed);
    case 'ssl_c_verify':
    case 'ssl_c_err':
      turned.add('verify').add('result');
      return door.tls ? text(session.verify) : null;
    case 'ssl_c_ca_err':
    case 'ssl_c_ca_err_depth':
      return text('0');
    case 'ssl_fc_sni':
    case 'req.ssl_sni':
    case 'req_ssl_sni':
      return caller.serverName === null || !door.tls ? null : text(caller.serverName);
    case 'src':
      return addressOf(caller);
    case 'dst_port':
    case 'so_port':
      return text(String(door.port));
    case 'var':
      return variableOf(args, variables, turned);
    case 'str':
    case 'int':
      return text(args.replace(/^"(.*)"$/, '$1'));
    case 'bool':
    case 'always_true':
    case 'always_false':
      return flag(fetch === 'always_true' || args === 'true' || args === '1');
    default:
      return fetch.startsWith('ssl_c_') ? ofCertificate(fetch, session, turned) : ofRequest(fetch, args, caller);
  }
}

function variableOf(name: string, variables: RequestWorld['variables'], turned: Turned): Value | null {
  const found = variables.get(name);
  for (const one of found?.turned ?? []) turned.add(one);
  return found?.value ?? null;
}

function flag(holds: boolean): Value {
  return text(holds ? '1' : '0');
}

function ofCertificate(fetch: string, { shown }: Session, turned: Turned): Value | null {
  if (shown === 'nothing') return null;
  if (shown === 'right') return { kind: 'identity', of: 'right' };
  if (shown !== 'self_made') return { kind: 'identity', of: 'look_alike' };
  turned.add('identity');
  // Names are whatever its maker wrote; the whole certificate is nobody's but its own.
  return /^ssl_c_(?:der|sha1)/.test(fetch) ? text("of the caller's own") : CHOSEN;
}

const HEADER = /^(?:req\.)?f?hdr(?:_ip|_val|_cnt)?$/;

function ofRequest(fetch: string, args: string, caller: Caller): Value | null {
  if (HEADER.test(fetch)) {
    if (fetch.endsWith('_cnt')) return /^host\b/i.test(args) ? text(caller.host === '' ? '0' : '1') : UNKNOWN;
    if (!/^host(?:,|$)/i.test(args)) return fieldOf(caller);
    return caller.host === '' ? null : text(caller.host);
  }
  switch (fetch) {
    case 'path':
    case 'pathq':
    case 'url':
      return text(caller.path);
    case 'method':
      return text(caller.method);
    case 'req.cook':
    case 'cook':
    case 'urlp':
    case 'url_param':
    case 'query':
    case 'http_auth':
    case 'http_auth_group':
      return fieldOf(caller);
    default:
      return UNKNOWN;
  }
}

function converted(value: Value | null, name: string, args: string, world: RequestWorld): Value | null {
  if (value === null) return null;
  if (value.kind !== 'text') return OF_ANYTHING.has(name) ? value : UNKNOWN;
  switch (name) {
    case 'lower':
      return text(value.text.toLowerCase());
    case 'upper':
      return text(value.text.toUpperCase());
    case 'host_only':
      return text(value.text.toLowerCase().replace(/:\d*$/, ''));
    case 'port_only':
      return text(/:(\d+)$/.exec(value.text)?.[1] ?? '0');
    case 'word':
    case 'field':
      return worded(value.text, name, args);
    case 'rtrim':
    case 'ltrim':
      return text(trimmed(value.text, args, name));
    case 'regsub':
      return substituted(value.text, args);
    case 'strcmp': {
      const other = variableOf(args, world.variables, world.turned);
      if (other === null) return null;
      return other.kind === 'text' ? text(other.text === value.text ? '0' : '1') : UNKNOWN;
    }
    case 'bool':
      return text(value.text === '0' || value.text === '' ? '0' : '1');
    case 'not':
      return text(value.text === '0' || value.text === '' ? '1' : '0');
    case 'hex':
    case 'sha1':
    case 'sha2':
    case 'base64':
    case 'concat':
    case 'bytes':
      return text(`${name}(${value.text})`);
    default:
      return UNKNOWN;
  }
}

/** Conversions that keep what is compared as much the caller's own as it was. */
const OF_ANYTHING: ReadonlySet<string> = new Set([
  'lower',
  'upper',
  'hex',
  'sha1',
  'sha2',
  'digest',
  'base64',
  'bytes',
  'ltrim',
  'rtrim',
  'url_dec',
  'concat',
]);

function worded(of: string, name: string, args: string): Value {
  const [index = '1', delimiters = ','] = args.split(/,(?=.)/);
  const parts = of.split(new RegExp(`[${delimiters.replace(/[\\\]^-]/g, '\\$&')}]`));
  const counted = name === 'word' ? parts.filter((part) => part !== '') : parts;
  const found = counted.at(Number(index) > 0 ? Number(index) - 1 : Number(index));
  return found === undefined ? text('') : text(found);
}

function trimmed(of: string, characters: string, name: string): string {
  let found = of;
  const isOne = (at: number) => found !== '' && characters.includes(found.at(at) ?? ' ');
  while (name === 'rtrim' && isOne(-1)) found = found.slice(0, -1);
  while (name === 'ltrim' && isOne(0)) found = found.slice(1);
  return found;
}

function substituted(of: string, args: string): Value {
  const [, pattern = '', replacement = '', flags = ''] = /^"?(.*?)"?(?<!\\),"?([^,]*?)"?(?:,(\w*))?$/.exec(args) ?? [];
  if (pattern === '' || pattern.length > 200 || of.length > 500) return UNKNOWN;
  try {
    return text(
      of.replace(new RegExp(pattern, flags.replaceAll(/[^gi]/g, '')), replacement.replaceAll(/\\(\d)/g, '$$$1')),
    );
  } catch {
    return UNKNOWN;
  }
}
