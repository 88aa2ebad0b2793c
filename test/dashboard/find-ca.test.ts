import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { findCa } from '../../dashboard/src/parts/find-ca.ts';

test(
  'the command finds a CA by its subject, and prints its certificate without the key that lies in the same file',
  needs('openssl'),
  () => {
    using scratch = scratchDirectory();
    const file = (name: string) => join(scratch.path, name);
    const make = (name: string, subject: string) =>
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ed25519',
          '-nodes',
          '-subj',
          subject,
          '-keyout',
          file(name),
          '-out',
          file(`${name}.crt`),
        ],
        { stdio: 'ignore' },
      );
    make('wanted', '/O=Shop, "Inc" $(id)/CN=It\'s the CA');
    make('other', "/O=Shop/CN=It's the CA");
    const both = file('both.pem');
    const certificate = readFileSync(file('wanted.crt'), 'utf8');
    execFileSync('sh', ['-c', 'cat "$1" "$1.crt" > "$2"; rm "$1.crt"', 'sh', file('wanted'), both]);
    const subject = execFileSync('openssl', ['x509', '-in', both, '-noout', '-subject', '-nameopt', 'RFC2253'], {
      encoding: 'utf8',
    });
    const command = findCa(subject.trim().replace(/^subject=/, '')) ?? assert.fail();
    const here = command.replace('/etc /home /opt /root /srv /usr/local', scratch.path);
    assert.notEqual(here, command);
    assert.equal(execFileSync('sh', ['-c', here], { encoding: 'utf8' }), `${both}\n${certificate}`);
  },
);

test('a subject that a terminal might obey is put into no command', () => {
  for (const subject of ['CN=a\nrm -r x', 'CN=\u001b[2J', 'CN=ü', `CN=${'a'.repeat(300)}`, ''])
    assert.equal(findCa(subject), null);
});
