import assert from 'node:assert/strict';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { Secret } from '../../pki/secret.ts';
import { type MailServer, sendMail } from './mail.ts';
import { mailReceiver } from './mail-receiver.fixture.ts';

const LETTER = { id: 'a'.repeat(32), to: 'ops@example.test', subject: 'what ends', text: 'something\n.\nends\n' };
const NEVER = new AbortController().signal;

function server(port: number, over: Partial<MailServer> = {}): MailServer {
  return { host: 'localhost', port, tls: 'none', signIn: null, from: 'postern@example.test', ...over };
}

test('a mail is handed over whole, with an id by which a second copy can be told', async (t) => {
  const { mails, port } = await mailReceiver(t);
  assert.deepEqual(await sendMail(server(port), LETTER, NEVER), { failure: null, status: 250 });
  const [mail] = mails;
  assert.match(mail?.from ?? '', /<postern@example\.test>/);
  assert.match(mail?.to ?? '', /<ops@example\.test>/);
  assert.match(mail?.data ?? '', /^Subject: what ends$/m);
  assert.match(mail?.data ?? '', new RegExp(`^Message-ID: <${LETTER.id}@example\\.test>$`, 'm'));
  assert.match(mail?.data ?? '', /^Auto-Submitted: auto-generated$/m);
  assert.match(mail?.data ?? '', /something\n\.\.\nends/);
});

test('a server that offers no TLS gets neither mail nor password, where TLS is wanted', async (t) => {
  const { mails, commands, port } = await mailReceiver(t, { login: ['postern', 'secret'] });
  const signIn = { user: 'postern', password: new Secret('secret') };
  const { failure } = await sendMail(server(port, { tls: 'starttls', signIn }), LETTER, NEVER);
  assert.equal(failure, 'mail_not_secure');
  assert.deepEqual([mails.length, commands.filter((line) => /^(?:AUTH|MAIL|DATA)/.test(line))], [0, []]);
});

test('mail goes over STARTTLS with the password, to a server whose certificate can be verified', async (t) => {
  const validity = validFor(instant(Date.now()), 86_400_000);
  const subject = { commonName: 'mail' };
  const ca = createAuthority({ profile: PROFILES.serverRoot, subject, validity, key: await generateKey() });
  const names = [{ kind: 'dns', value: 'localhost' }] as const;
  const leaf = issueLeaf(ca, { profile: PROFILES.serverLeaf, subject, validity, key: await generateKey(), names });
  const tls = { cert: leaf.certificate.pem, key: leaf.key.reveal() };
  const { mails, port } = await mailReceiver(t, { tls, login: ['postern', 'secret'] });
  const wanted = (password: string) =>
    server(port, { tls: 'starttls', signIn: { user: 'postern', password: new Secret(password) } });
  assert.equal((await sendMail(wanted('secret'), LETTER, NEVER)).failure, 'mail_not_secure');
  const usual = getCACertificates('default');
  setDefaultCACertificates([...usual, ca.certificate.pem]);
  t.after(() => setDefaultCACertificates(usual));
  assert.equal((await sendMail(wanted('wrong'), LETTER, NEVER)).failure, 'mail_sign_in');
  assert.deepEqual(await sendMail(wanted('secret'), LETTER, NEVER), { failure: null, status: 250 });
  assert.deepEqual(
    mails.map(({ secure }) => secure),
    [true],
  );
});

test('what a server refuses for good is told from what it may take later', async (t) => {
  const answers = ['550 nobody here', '451 later', '250 ok'];
  const { port } = await mailReceiver(t, { recipient: (count) => answers[count - 1] ?? '250 ok' });
  const outcomes = [];
  for (const _ of answers) outcomes.push(await sendMail(server(port), LETTER, NEVER));
  assert.deepEqual(outcomes, [
    { failure: 'mail_refused', status: 550 },
    { failure: 'mail_later', status: 451 },
    { failure: null, status: 250 },
  ]);
});

test('a server that is not there is no fault of the message', async () => {
  const { failure, status } = await sendMail(server(1), LETTER, NEVER);
  assert.deepEqual([failure, status], ['unreachable', null]);
});
