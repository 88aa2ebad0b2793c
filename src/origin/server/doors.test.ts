import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DOORS, type DoorServer } from './doors.ts';

/** What each server calls things, and no other. */
const WORDS: Readonly<Record<DoorServer, RegExp>> = {
  nginx: /server block|server_name|proxy_pass|ssl_session_cache|error_page|nginx -T|\blisten /,
  apache: /<VirtualHost|ServerName|ProxyPass|SSL[A-Z]\w+|apachectl|\bListen\b/,
  caddy: /site block|reverse_proxy|redir |caddy adapt|placeholder/,
  haproxy: /frontend|\bbackend|use_backend|ssl_fc|unix@|tune\.ssl|section global/,
};
const SERVERS = Object.keys(WORDS) as readonly DoorServer[];

test('what is to be done about a door is said in the words of its server, and of no other', () => {
  for (const [code, { fix }] of Object.entries(DOORS)) {
    const fixes: Readonly<Partial<Record<DoorServer, string>>> = fix;
    assert.ok(Object.keys(fixes).length > 0, code);
    for (const [server, text] of Object.entries(fixes)) {
      const speaking = SERVERS.filter((one) => WORDS[one].test(text));
      assert.deepEqual(speaking, [server], `${code} on ${server}: ${text}`);
      assert.match(text, /^[A-Z].*\.$/, `${code} on ${server}`);
    }
  }
});
