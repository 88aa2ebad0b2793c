import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupFault } from './backup-fault.ts';
import { headerLine, readHeaderLine } from './header.ts';

const FACTS = {
  installation: '0123456789abcdef.postern.internal',
  taken_at: '2031-01-31T12:00:00.000Z',
  revision: 12,
  schema_version: 10,
  program_version: '1.0.0-rc.1',
  kek_id: '0123456789abcdef',
  salt: 'A'.repeat(43),
};

function faultOf(line: string): string {
  try {
    readHeaderLine(Buffer.from(line));
  } catch (error) {
    assert.ok(error instanceof BackupFault, String(error));
    return error.code;
  }
  return 'none';
}

test('the first line is one of JSON that says what it is, and is read as it was written', () => {
  const line = headerLine(FACTS);
  assert.ok(line.toString().endsWith('}\n') && line.indexOf('\n') === line.length - 1);
  assert.deepEqual(readHeaderLine(line), { format: 'postern-backup', version: 1, ...FACTS });
});

test('what is no backup, of a newer format or damaged is told apart', () => {
  const whole = readHeaderLine(headerLine(FACTS));
  for (const text of ['', '\n', 'x', '[]', 'null', '{}', '{"format":"other"}', '\u0000']) {
    assert.equal(faultOf(text), 'not_a_backup', text);
  }
  assert.equal(faultOf(JSON.stringify({ ...whole, version: 2, shape: 'another' })), 'newer_format');
  const bent = [
    { version: 0 },
    { version: '1' },
    { more: 1 },
    { kek_id: 'x' },
    { salt: '' },
    { revision: -1 },
    { installation: 'a\u001b[2J' },
    { program_version: '1\n' },
    { taken_at: 'yesterday' },
  ];
  for (const some of bent)
    assert.equal(faultOf(JSON.stringify({ ...whole, ...some })), 'damaged', JSON.stringify(some));
  for (const name of Object.keys(FACTS)) {
    assert.equal(faultOf(JSON.stringify({ ...whole, [name]: undefined })), 'damaged', name);
  }
});
