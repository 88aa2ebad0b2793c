import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logSender, MOST_UNREAD } from './log-sender.ts';
import type { Report } from './messages.ts';

/** A channel whose reports are written only when the test says so. */
function channel() {
  const sent: Report[] = [];
  const throughs: (() => void)[] = [];
  const sender = logSender((report, through) => {
    sent.push(report);
    throughs.push(through);
  });
  return { sender, sent, write: () => throughs.shift()?.() };
}

function told(reports: readonly Report[]): { readonly events: readonly string[]; readonly lost: number } {
  const events = reports.flatMap((report) => (report.kind === 'logged' ? report.lines.map(({ event }) => event) : []));
  const lost = reports.reduce((sum, report) => sum + (report.kind === 'log_lost' ? report.count : 0), 0);
  return { events, lost };
}

test('a line alone is sent by itself, after a moment', async () => {
  const report = await new Promise<Report>((resolve) => logSender(resolve).log('request', { id: '1' }));
  assert.deepEqual(report, { kind: 'logged', lines: [{ event: 'request', fields: { id: '1' } }] });
});

test('lines go together, in their order, and none is lost or sent twice, however the channel is read', () => {
  // So many lines, or what else happens.
  const step = fc.oneof(fc.integer({ min: 1, max: 450 }), fc.constantFrom('flush', 'write'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { sender, sent, write } = channel();
      const logged: string[] = [];
      const log = (event: string): void => {
        logged.push(event);
        sender.log(event, {});
      };
      for (const one of steps) {
        if (one === 'flush') sender.flush();
        else if (one === 'write') write();
        else for (let at = 0; at < Number(one) && logged.length < MOST_UNREAD; at++) log(String(logged.length));
      }
      sender.flush();
      assert.deepEqual(told(sent), { events: logged, lost: 0 });
      assert.ok(sent.length <= logged.length / 200 + steps.length + 1);
    }),
  );
});

test('what nobody reads is thrown away and counted, and that is told when somebody reads again', () => {
  const { sender, sent, write } = channel();
  for (let at = 0; at < MOST_UNREAD + 7; at++) sender.log(String(at), {});
  sender.flush();
  assert.deepEqual([told(sent).events.length, told(sent).lost], [MOST_UNREAD, 0]);
  write();
  assert.equal(told(sent).lost, 7);
  sender.log('again', {});
  sender.flush();
  assert.equal(told(sent).events.at(-1), 'again');
});
