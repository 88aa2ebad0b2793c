import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChannelAct, channelImpact } from './channel-impact.ts';
import { channelId, zoneId } from './ids.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { NOW } from './zone.fixture.ts';

const ZONE = zoneId('1'.repeat(32)) ?? assert.fail();

function channel(digit: string, over: Partial<NoticeChannel> = {}): NoticeChannel {
  return {
    id: channelId(digit.repeat(32)) ?? assert.fail(),
    name: `channel ${digit}`,
    target: { kind: 'webhook', url: 'https://hooks.example.test/', mayBePrivate: false },
    enabled: true,
    least: 'warning',
    codes: [],
    zones: 'all',
    accounts: 'all',
    createdAt: NOW,
    modifiedAt: NOW,
    ...over,
  };
}

const ONE = channel('1');
const change = (over: Partial<NoticeChannel>): ChannelAct => ({ kind: 'change', draft: { ...ONE, ...over } });
const gone: ChannelAct = { kind: 'delete' };

test('who hears of what afterwards', () => {
  const table: readonly (readonly [
    of: NoticeChannel,
    act: ChannelAct,
    others: readonly NoticeChannel[],
    told: string,
  ])[] = [
    [ONE, gone, [], 'notices_unheard'],
    [ONE, gone, [ONE], 'notices_unheard'],
    [ONE, gone, [channel('2')], 'notices_heard_elsewhere'],
    [ONE, gone, [channel('2', { least: 'info' })], 'notices_heard_elsewhere'],
    [ONE, gone, [channel('2', { enabled: false })], 'notices_unheard'],
    [ONE, gone, [channel('2', { least: 'critical' })], 'notices_unheard'],
    [ONE, gone, [channel('2', { zones: [ZONE] })], 'notices_unheard'],
    [ONE, gone, [channel('2', { codes: ['test'] })], 'notices_unheard'],
    [channel('1', { codes: ['test'], zones: [ZONE] }), gone, [channel('2')], 'notices_heard_elsewhere'],
    [channel('1', { enabled: false }), gone, [], 'nothing_lost'],
    [ONE, change({ enabled: false }), [], 'notices_unheard'],
    [ONE, change({ least: 'critical' }), [], 'notices_unheard'],
    [ONE, change({ least: 'info', name: 'another' }), [], 'nothing_lost'],
    [
      ONE,
      change({ target: { kind: 'webhook', url: 'https://other.example.test/', mayBePrivate: false } }),
      [],
      'channel_leads_elsewhere',
    ],
    [ONE, { kind: 'roll' }, [], 'channel_secret_ends'],
  ];
  for (const [of, act, others, told] of table) {
    const found = channelImpact(of, act, { others, waiting: 0 });
    assert.equal(found.map(({ code }) => code).join(), told);
  }
});

test('what waits is lost with the channel, and the other channel is named', () => {
  const details = (waiting: number) =>
    channelImpact(ONE, gone, { others: [channel('2')], waiting }).map(({ detail }) => detail);
  assert.deepEqual(details(0), ['It is called channel 2.']);
  assert.deepEqual(details(1), ['It is called channel 2.', 'One delivery waits.']);
  assert.deepEqual(details(7), ['It is called channel 2.', '7 deliveries wait.']);
  assert.deepEqual(
    channelImpact(ONE, change({ enabled: false }), { others: [], waiting: 3 }).map(({ code }) => code),
    ['notices_unheard'],
    'what is off keeps what waits',
  );
});
