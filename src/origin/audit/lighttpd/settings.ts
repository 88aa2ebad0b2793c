import type { Block, Guard, LighttpdTree, Setting, Value } from '../../server/lighttpd/tree.ts';
import { textOf } from '../../server/lighttpd/tree.ts';
import { all, any, type Caller, not } from '../caller.ts';
import type { Holds } from '../text.ts';
import type { Door } from '../gate.ts';
import { addressOf, compare, fieldOf, type Comparison, text, type Turned, type Value as Compared } from '../value.ts';

/** What conditions are asked about. In the handshake nothing is known but the socket and the name. */
export interface Request {
  readonly door: Door;
  readonly host: string | null;
  readonly path: string;
  readonly method: string;
  readonly stage: 'handshake' | 'request';
  readonly tries: Caller['tries'];
  readonly turned: Turned;
}

/** Settings of one kind of request, each with whether it holds. */
export interface Found {
  readonly setting: Setting;
  readonly truth: Holds;
}

/** Whether the settings of a block hold for a request. */
function blockTruth({ guards }: Block, request: Request): Holds {
  return all(guards.map((guard) => guardTruth(guard, request)));
}

function guardTruth({ condition, unless }: Guard, request: Request): Holds {
  const own = condition === null ? 'yes' : conditionTruth(condition, request);
  return all([own, not(any(unless.map((one) => conditionTruth(one, request))))]);
}

type Known = NonNullable<Guard['condition']>;

function conditionTruth({ subject, operator, value }: Known, request: Request): Holds {
  if (subject === 'SERVER["socket"]') {
    const truth = isSocket(value, request.door) ? 'yes' : 'no';
    return operator.startsWith('!') ? not(truth) : truth;
  }
  const compared = askedValue(subject, operator, request);
  if (compared === null) return 'no';
  const truth = compare(compared, comparison(operator, value), request.turned);
  return operator.startsWith('!') ? not(truth) : truth;
}

function comparison(operator: Known['operator'], value: string): Comparison {
  switch (operator) {
    case '=~':
    case '!~':
      return { how: 'fits', with: value };
    case '=^':
      return { how: 'begins', with: value };
    case '=$':
      return { how: 'ends', with: value };
    case '==':
    case '!=':
      return { how: 'equal', with: value };
  }
}

/** Null where lighttpd does not know it yet, so that no condition with it holds. */
function askedValue(
  subject: string,
  operator: Known['operator'],
  { door, host, path, method, stage, tries }: Request,
): Compared | null {
  if (subject === 'HTTP["scheme"]') return text(door.tls ? 'https' : 'http');
  if (subject === 'HTTP["host"]') return host === null ? null : text(hostAsSeen(host, operator));
  if (stage === 'handshake') return null;
  switch (subject) {
    case 'HTTP["url"]':
      return text(path);
    case 'HTTP["querystring"]':
      return text('');
    case 'HTTP["request-method"]':
      return text(method);
    case 'HTTP["remoteip"]':
    case 'HTTP["remote-ip"]':
      return addressOf({ tries });
    default:
      return fieldOf({ tries });
  }
}

// In lower case and without a dot at its end; a whole name is compared without a port, a pattern with it.
function hostAsSeen(host: string, operator: Known['operator']): string {
  const plain = host.toLowerCase().replace(/\.(?=$|:\d*$)/, '');
  return operator === '==' || operator === '!=' ? plain.replace(/:\d*$/, '') : plain;
}

/** An address as `$SERVER["socket"]` writes it. */
export function socketOf(written: string): Pick<Door, 'host' | 'port' | 'family'> | null {
  const found = /^(?:\[(?<six>[^\]]*)\]|(?<four>[^:]*)):(?<port>\d{1,5})$/.exec(written)?.groups;
  if (found === undefined) return null;
  const { six, four = '', port } = found;
  if (six !== undefined) return { host: six === '' ? '::' : six.toLowerCase(), port: Number(port), family: 6 };
  const isWild = four === '' || four === '*' || four === '0.0.0.0';
  return { host: isWild ? '*' : four, port: Number(port), family: 4 };
}

function isSocket(written: string, door: Door): boolean {
  const socket = socketOf(written);
  return socket !== null && socket.host === door.host && socket.port === door.port && socket.family === door.family;
}

/** All that a name is set to for a request, the last word last. */
export function allFound({ blocks }: LighttpdTree, name: string, request: Request): readonly Found[] {
  return blocks.flatMap((block) => {
    const setting = block.settings.findLast((one) => one.name === name);
    if (setting === undefined) return [];
    const truth = blockTruth(block, request);
    return truth === 'no' ? [] : [{ setting, truth }];
  });
}

/** The setting that holds for a request; where that is not sure, the first that surely does counts. */
export function settingFor(tree: LighttpdTree, name: string, request: Request): Setting | undefined {
  return allFound(tree, name, request).findLast(({ truth }) => truth === 'yes')?.setting;
}

/** Whether a switch is on for a request. */
export function isOn(setting: Setting | undefined, otherwise: boolean): boolean {
  const said = textOf(setting?.value)?.toLowerCase();
  if (said === undefined) return otherwise;
  return said === 'enable' || said === 'true' || said === '1' || said === 'on';
}

/** The members of an array. */
export function membersOf(value: Value | undefined): readonly { readonly key: string | null; readonly value: Value }[] {
  return typeof value === 'object' ? value : [];
}
