import { randomBytes } from 'node:crypto';
import type { Delivery } from '../../domain/delivery.ts';
import type { Instant } from '../../domain/ids.ts';
import { NOTICE_KINDS, type Notice, SEVERITIES } from '../../domain/notice.ts';
import type { NoticeChannel } from '../../domain/notice-channel.ts';
import { noticeView } from '../../wire/notices.ts';
import { moment } from '../../wire/views.ts';
import { visible } from '../../wire/visible.ts';
import type { Letter } from './delivery-rows.ts';

/** A message as people get it by mail. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** Notices that go in one message at most: a receiver reads a few, and none is flooded. */
const TOGETHER = 100;

/** The messages by which a channel tells these notices, due at once. */
export function letters(
  { id: channel, target }: NoticeChannel,
  notices: readonly Notice[],
  { installation, now }: { readonly installation: string; readonly now: Instant },
): readonly Letter[] {
  const made: Letter[] = [];
  for (let first = 0; first < notices.length; first += TOGETHER) {
    const some = notices.slice(first, first + TOGETHER);
    const id = randomBytes(16).toString('hex');
    const ids = some.map((notice) => notice.id);
    const delivery: Delivery = { id, channel, createdAt: now, notices: ids, attempts: [], nextAt: now };
    const body =
      target.kind === 'webhook' ? webhookBody(some, installation, now) : JSON.stringify(mailText(some, installation));
    made.push({ delivery, body });
  }
  return made;
}

/** The body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks would have it. */
function webhookBody(notices: readonly Notice[], installation: string, now: Instant): string {
  const data = { installation, notices: notices.map(noticeView) };
  return JSON.stringify({ type: 'postern.notices', timestamp: moment(now), data });
}

function mailText(notices: readonly Notice[], installation: string): MailText {
  const worst = SEVERITIES.findLast((severity) => notices.some((notice) => notice.severity === severity)) ?? 'info';
  const [first] = notices;
  const title = first === undefined ? '' : `${place(first)}${NOTICE_KINDS[first.code].text}`;
  const others = notices.length > 1 ? ` (and ${notices.length - 1} more)` : '';
  const parts = notices.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity)).map(part);
  return {
    subject: `[Postern ${worst}] ${title}${others}`,
    text: `${parts.join('\n\n')}\n\n-- \nFrom the Postern ${installation}. See all of them: postern notices list\n`,
  };
}

function part({ code, severity, at, zone, detail, about }: Notice): string {
  const { text, fix } = NOTICE_KINDS[code];
  const lines = [
    `${severity.toUpperCase()}: ${text}.`,
    ...(zone === null ? [] : [`Zone: ${zone.name}`]),
    ...(about.hostnames.length === 0 ? [] : [`Hostnames: ${about.hostnames.join(', ')}`]),
    ...(detail === '' ? [] : [detail]),
    ...(fix === '' ? [] : [`What to do: ${fix}`]),
    `At ${moment(at)}, code ${code}`,
  ];
  // Names in certificates are anybody's words.
  return lines.map(visible).join('\n');
}

function place({ zone }: Notice): string {
  return zone === null ? '' : `${zone.name}: `;
}
