import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTICE_KINDS } from '../../../src/domain/notice.ts';
import { withoutCommands } from './fix-words.ts';

test('what to do is said without the command of a terminal', () => {
  const rows: readonly (readonly [fix: string, words: string])[] = [
    ['See why (postern rotations show), and start another one.', 'See why, and start another one.'],
    [
      'Hold a ceremony: postern ca root import, then forget. After the end nobody gets in.',
      'Hold a ceremony. After the end nobody gets in.',
    ],
    [
      'Upload its successor (PATCH custom_certificates). After the end browsers warn.',
      'Upload its successor. After the end browsers warn.',
    ],
    ['Start one: postern up, or see what its log says.', 'Start one, or see what its log says.'],
    ['Nothing to do.', 'Nothing to do.'],
    ['', ''],
  ];
  for (const [fix, words] of rows) assert.equal(withoutCommands(fix), words);
});

test('no notice leaves half a command behind', () => {
  for (const [code, { fix }] of Object.entries(NOTICE_KINDS)) {
    const words = withoutCommands(fix);
    assert.doesNotMatch(words, /postern [a-z]|[(:]\s*[.,)]/, code);
    assert.match(words, /^$|^[A-Z].*\.$/, code);
  }
});
