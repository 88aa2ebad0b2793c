import { isIP } from 'node:net';
import type { ChannelDraft, ChannelTarget, NoticeChannel } from '../../domain/notice-channel.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { addressClass, plainAddress } from '../../pull/address-class.ts';
import { isProblem } from '../../wire/commands.ts';
import type { ChannelBody, ChannelEdit } from '../../wire/notices.ts';
import type { Sight } from '../restricted-plane.ts';
import { allows } from './permissions.ts';
import type { Call } from './route.ts';
import { editedScope, newScope } from './token-scope.ts';

/** What a body asks for: a channel that hears of no more than its maker sees. */
export function channelDraft(body: ChannelBody, call: Call): ChannelDraft | Problem {
  const target = body.kind === 'webhook' ? newWebhook(body, call) : newMail(body, call);
  if (isProblem(target)) return target;
  const scope = scopeOf(body, call);
  if (isProblem(scope)) return scope;
  const { name, enabled = true, severity: least = 'warning', codes } = body;
  return { name, target, enabled, least, codes: codes ?? [], ...scope };
}

// What is not said is what the token sees.
function scopeOf({ zones, accounts }: ChannelBody, call: Call): Sight | Problem {
  const { token, plane } = call;
  if (zones === undefined && accounts === undefined) return { zones: token.zones, accounts: token.accounts };
  const own = token.zones === 'all' ? 'all' : token.zones.filter((id) => plane.zones.get(id) !== undefined);
  return newScope({ zones: zones ?? own, accounts }, call);
}

/** What an edit makes of a channel: fields left out stay as they are. */
export function channelEdit(body: ChannelEdit, channel: NoticeChannel, call: Call): ChannelDraft | Problem {
  const target = editedTarget(body, channel.target, call);
  if (isProblem(target)) return target;
  const { zones, accounts } = channel;
  const scope = editedScope(body, { zones, accounts }, call);
  if (isProblem(scope)) return scope;
  const { name = channel.name, enabled = channel.enabled, severity: least = channel.least, codes } = body;
  return { name, target, enabled, least, codes: codes === undefined ? channel.codes : (codes ?? []), ...scope };
}

function newWebhook({ url, to }: ChannelBody, call: Call): ChannelTarget | Problem {
  if (to !== undefined) return problem('bad_body', 'to goes with mail alone', '/to');
  return url === undefined ? problem('bad_body', 'url must say where the webhook is', '/url') : webhook(url, call);
}

function newMail({ url, to }: ChannelBody, { plane }: Call): ChannelTarget | Problem {
  if (url !== undefined) return problem('bad_body', 'url goes with a webhook alone', '/url');
  if (to === undefined) return problem('bad_body', 'to must say whom mail goes to', '/to');
  return plane.sendsMail ? { kind: 'email', to } : problem('no_mail_server');
}

function editedTarget({ url, to }: ChannelEdit, present: ChannelTarget, call: Call): ChannelTarget | Problem {
  if (present.kind === 'webhook') {
    if (to !== undefined) return problem('bad_body', 'to goes with mail alone', '/to');
    return url === undefined || url === present.url ? present : webhook(url, call);
  }
  if (url !== undefined) return problem('bad_body', 'url goes with a webhook alone', '/url');
  return to === undefined ? present : { kind: 'email', to };
}

/** What can be said of an address before its name is resolved. The rest is judged at each connect. */
function webhook(text: string, { token }: Call): ChannelTarget | Problem {
  const refuse = (because: string) => problem('webhook_refused', because, '/url');
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return refuse('it is no https:// URL');
  if (url.username !== '' || url.password !== '') return refuse('it names a user or a password');
  const mayBePrivate = allows(token.permissions, 'origins:private');
  const secure = url.protocol === 'https:';
  if (!secure && !mayBePrivate) return refuse('it is not https://');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(host) === 0 ? null : addressClass(plainAddress(host));
  if (kind === 'never') return refuse('nothing is ever sent to link-local, multicast or unspecified addresses');
  if (kind === 'private' && !mayBePrivate) return refuse('the address is private');
  if (kind !== null && kind !== 'private' && !secure)
    return refuse('it is not https://, and the address is not private');
  url.hash = '';
  return { kind: 'webhook', url: url.href, mayBePrivate };
}
