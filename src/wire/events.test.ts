import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NOTICE_KINDS, TOLD_CODES } from '../domain/notice.ts';
import { EVENTS, eventLevel } from './events.ts';

const SOURCES = join(import.meta.dirname, '..');
const TABLE = 'wire/events.ts';

/** The program's sources, without its tests, by their path below `src`. */
function sources(): ReadonlyMap<string, string> {
  const files = globSync('**/*.ts', { cwd: SOURCES }).filter((file) => !/\.(?:test|fixture)\.ts$/.test(file));
  return new Map(files.map((file) => [file, readFileSync(join(SOURCES, file), 'utf8')]));
}

test('every event that is logged has its level in the table', () => {
  const logged = [...sources()].flatMap(([file, text]) =>
    [...text.matchAll(/\blog\(\s*(['"`])(.*?)\1/g)].map(([, , event = '']) => ({ file, event })),
  );
  assert.ok(logged.length > 10, 'the sources are not where they were');
  for (const { file, event } of logged) assert.ok(Object.hasOwn(EVENTS, event), `${file} logs ${event}`);
});

test('every notice is logged as what it is: good news is no warning', () => {
  for (const code of TOLD_CODES) {
    assert.ok(Object.hasOwn(EVENTS, code), code);
    assert.equal(eventLevel(code), NOTICE_KINDS[code].severity === 'info' ? 'info' : 'warn', code);
  }
});

test('every event of the table is logged by somebody', () => {
  const rest = [...sources()].filter(([file]) => file !== TABLE).map(([, text]) => text);
  for (const event of Object.keys(EVENTS)) {
    assert.ok(
      rest.some((text) => text.includes(`'${event}'`)),
      event,
    );
  }
});

test('faults are errors, what was turned away is a warning, calls of the API are for those who ask', () => {
  for (const event of ['edge_fault', 'api_error']) assert.equal(eventLevel(event), 'error');
  for (const event of Object.keys(EVENTS).filter((name) => /_(?:refused|rejected)$/.test(name))) {
    assert.equal(eventLevel(event), 'warn', event);
  }
  assert.equal(eventLevel('ready'), 'info');
  assert.equal(eventLevel('api_request'), 'debug');
});

test('an event that nobody entered is a warning, whatever its name', () => {
  for (const event of ['', 'unheard_of', 'constructor', '__proto__']) assert.equal(eventLevel(event), 'warn');
});
