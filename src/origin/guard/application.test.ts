import assert from 'node:assert/strict';
import { test } from 'node:test';
import { application } from './application.ts';

test('an application is named by where it listens and what it speaks', () => {
  const port = (host: string, number: number) => ({ kind: 'port', host, port: number });
  const socket = (path: string) => ({ kind: 'socket', path });
  const table = {
    'http://127.0.0.1:3000': { protocol: 'http', place: port('127.0.0.1', 3000) },
    'http://[::1]:3000/': { protocol: 'http', place: port('::1', 3000) },
    'http://app.internal': { protocol: 'http', place: port('app.internal', 80) },
    'unix:/run/app.sock': { protocol: 'http', place: socket('/run/app.sock') },
    'tcp://127.0.0.1:5432': { protocol: 'tcp', place: port('127.0.0.1', 5432) },
    'tcp://[::1]:5432': { protocol: 'tcp', place: port('::1', 5432) },
    'tcp+unix:/run/db.sock': { protocol: 'tcp', place: socket('/run/db.sock') },
  };
  for (const [text, expected] of Object.entries(table)) assert.deepEqual(application(text), expected, text);
});

test('nothing else names one', () => {
  const texts = [
    '',
    '127.0.0.1:3000',
    'https://127.0.0.1',
    'http://127.0.0.1:3000/path',
    'http://127.0.0.1:99999',
    'unix:relative',
  ];
  const raw = [
    'tcp://127.0.0.1',
    'tcp://',
    'tcp:127.0.0.1:1',
    'tcp+http://127.0.0.1:1',
    'tcp+unix:',
    'tcp+tcp://127.0.0.1:1',
    'unix:/',
  ];
  for (const text of [...texts, ...raw]) assert.equal(application(text), null, text);
});
