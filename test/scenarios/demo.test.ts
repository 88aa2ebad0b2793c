import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { needs } from '../support/availability.ts';
import { endWithTests, environment, PROGRAM, run } from './program.ts';
import { until } from './until.ts';

/** Asserts the shape that machines rely on: `{ok, checks: [{name, expected, observed, ok}], took_ms}`. */
function assertReport(text: string): void {
  const report = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(Object.keys(report).sort(), ['checks', 'ok', 'took_ms']);
  assert.equal(report['ok'], true);
  assert.equal(typeof report['took_ms'], 'number');
  const checks = report['checks'];
  assert.ok(Array.isArray(checks) && checks.length >= 5);
  for (const check of checks as Record<string, unknown>[]) {
    assert.deepEqual(Object.keys(check).sort(), ['expected', 'name', 'observed', 'ok']);
    assert.equal(check['ok'], true, JSON.stringify(check));
    for (const field of ['name', 'expected', 'observed']) assert.equal(typeof check[field], 'string');
  }
  const names = (checks as { readonly name: string }[]).map(({ name }) => name).join('\n');
  const logins = [/before.*logins through/, /before.*logins at/, /behind.*logins at/];
  for (const story of [
    ...logins,
    /direct.*without/,
    /direct.*self-signed/,
    /direct.*neighbour/,
    /edge.*off/,
    /edge.*on/,
  ]) {
    assert.match(names, story);
  }
}

test('the demo shows the lock hold, for machines, and ends well', async () => {
  const { code, stdout, stderr } = await run(['demo', '--once', '--json']);
  assert.equal(code, 0, stderr);
  assertReport(stdout);
});

test('the demo protects nginx when asked', needs('nginx'), async () => {
  const { code, stdout, stderr } = await run(['demo', '--once', '--json', '--origin', 'nginx']);
  assert.equal(code, 0, stderr);
  assertReport(stdout);
});

test('the demo protects a Node server when asked, or where there is no nginx', async () => {
  const { code, stdout, stderr } = await run(['demo', '--once', '--json', '--origin', 'node']);
  assert.equal(code, 0, stderr);
  assertReport(stdout);
});

test('the demo tells people the same as a table', async () => {
  const { code, stdout, stderr } = await run(['demo', '--once', '--origin', 'node']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /The lock holds\./);
  assert.match(stdout, /direct, without a certificate\s+refused/);
});

test('the demo stays up without --once, and leaves nothing behind when it is ended', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--origin', 'node'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  endWithTests(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  await until('it invites to try', () => {
    assert.equal(child.exitCode, null, said);
    return /files: (\S+)\n/.test(said);
  });
  const files = /files: (\S+)\n/.exec(said)?.[1] ?? '';
  assert.ok(existsSync(files), files);
  const ended = once(child, 'close');
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
  assert.ok(!existsSync(files), 'its directory is still there');
});
