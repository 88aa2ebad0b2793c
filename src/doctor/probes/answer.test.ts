import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf } from './answer.ts';

function answer(fields: Readonly<Record<string, string>>, body: string, status = 200) {
  const read = { status, fields: new Map(Object.entries(fields)), body: Buffer.from(body), complete: true };
  return answerOf(read, { names: [], agent: 'Doctor/1', verifiedHeaders: ['X-Who'] });
}

test('what is kept of an answer is short, printable and without its body', () => {
  const kept = answer(
    {
      server: 'nginx/1.22.1 (Debian)',
      'content-type': 'Text/HTML; charset=utf-8',
      location: 'https://www.example.test/\u001b[31m',
      date: 'Mon, 30 Nov 2026 12:00:00 GMT',
      'alt-svc': 'h3=":443"; ma=86400',
    },
    `<html><title lang=en>\n The\u001b[2J  shop &c ${'x'.repeat(200)}</title><p>secret of a customer</p>`,
  );
  assert.equal(kept.server, 'nginx');
  assert.equal(kept.type, 'text/html');
  assert.equal(kept.location, 'https://www.example.test/ [31m');
  assert.equal(kept.title?.length, 80);
  assert.match(kept.title ?? '', /^The \[2J shop &c x+$/);
  assert.equal(kept.date, Date.UTC(2026, 10, 30, 12));
  assert.equal(kept.http3, true);
  assert.doesNotMatch(JSON.stringify(kept), /secret/);
});

test('what an answer does not say is null', () => {
  const { server, type, title, location, date, page, http3 } = answer(
    { date: 'yesterday', 'alt-svc': 'h2=":443"' },
    'plain',
  );
  assert.deepEqual([server, type, title, location, date, page, http3], [null, null, null, null, null, null, false]);
});

test('pages that speak of certificates are not taken for those of a server', () => {
  const own = '<html><title>400 No required SSL certificate was sent to our shop</title></html>';
  assert.equal(answer({}, own, 400).page, null);
  assert.equal(answer({}, '<h1>No required SSL certificate was sent</h1>', 400).page, null);
  const titled = '<html><head><title>400 No required SSL certificate was sent</title></head>';
  assert.equal(answer({}, `${titled}<body><p>All orders</body></html>`, 400).page, null);
});

test('the refusals of nginx are known with whatever version and padding they end', () => {
  const page = (said: string, end = '') =>
    `<html>\r\n<head><title>400 ${said}</title></head>\r\n<body bgcolor="white">\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>${said}</center>\r\n<hr><center>nginx/1.2.1</center>\r\n</body>\r\n</html>\r\n${end}`;
  const padding = '<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n'.repeat(6);
  const none = 'No required SSL certificate was sent';
  assert.equal(answer({}, page(none), 400).page, 'nginx_no_certificate');
  assert.equal(answer({}, page(none, padding), 400).page, 'nginx_no_certificate');
  assert.equal(answer({}, page('The SSL certificate error', padding), 400).page, 'nginx_certificate_error');
  assert.equal(answer({}, page(none, '<p>All orders'), 400).page, 'nginx_error');
});

test('a page that prints its request shows whether its application was told who came', () => {
  const echo = (body: string) => answer({}, body).echo;
  assert.equal(echo('a page like any other, which speaks of X-Who'), null);
  assert.deepEqual(echo('{"user-agent":"Doctor/1"}'), { verified: false });
  assert.deepEqual(echo('User-Agent: Doctor/1\nx-who: SUCCESS'), { verified: true });
});
