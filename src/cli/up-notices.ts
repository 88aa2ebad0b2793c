import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import type { MailServer } from '../control/notices/mail.ts';
import { Secret } from '../pki/secret.ts';
import { EXIT, Failure } from './failure.ts';
import { isLoopback } from './host-port.ts';
import { isOn } from './on-off.ts';
import type { SettingNames } from './settings.ts';

/** Settings of `postern up` about how notices go out. */
const NAMES = {
  smtp: { flag: 'smtp', env: 'POSTERN_SMTP', key: 'smtp' },
  from: { flag: 'smtpFrom', env: 'POSTERN_SMTP_FROM', key: 'smtp_from' },
  passwordFile: { flag: 'smtpPasswordFile', env: 'POSTERN_SMTP_PASSWORD_FILE', key: 'smtp_password_file' },
  plain: { flag: 'smtpPlain', env: 'POSTERN_SMTP_PLAIN', key: 'smtp_plain' },
} as const satisfies Record<string, SettingNames>;

const PASSWORD = 'POSTERN_SMTP_PASSWORD';
const FORM = 'Write it like smtp://user@mail.example.test:587 or smtps://mail.example.test.';
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

/** Adds the flags. */
export function withNoticeFlags(command: Command): Command {
  return command
    .option('--smtp <url>', 'mail server for notices: smtp://user@host:587 (STARTTLS) or smtps://… (default: none)')
    .option('--smtp-from <address>', 'whom mail comes from')
    .option('--smtp-password-file <file>', `where its password is; or set ${PASSWORD}`)
    .option('--smtp-plain', 'mail may go out without TLS');
}

/** Reads them. Throws a Failure for what cannot be meant, or would be unsafe. */
export function mailServer(read: (names: SettingNames) => string | undefined): MailServer | null {
  // Taken out of the environment in any case: programs that are started later must not inherit it.
  const password = passwordGiven(read(NAMES.passwordFile));
  const text = read(NAMES.smtp);
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const usual = url === null ? undefined : PORTS[url.protocol];
  if (url === null || usual === undefined || url.hostname === '')
    throw new Failure('--smtp is not a URL of SMTP.', FORM);
  if (url.password !== '') {
    throw new Failure(
      '--smtp holds a password, which every user of this machine could read.',
      `Leave it out of the URL, and use --smtp-password-file or ${PASSWORD}.`,
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? usual : Number(url.port);
  const plain = isOn(read(NAMES.plain) ?? 'off', '--smtp-plain') || isLoopback({ host, port });
  return {
    host,
    port,
    tls: url.protocol === 'smtps:' ? 'implicit' : plain ? 'none' : 'starttls',
    signIn: signIn(decodeURIComponent(url.username), password),
    from: sender(read(NAMES.from)),
  };
}

function signIn(user: string, password: string | null): MailServer['signIn'] {
  if (user === '') return null;
  if (password !== null) return { user, password: new Secret(password) };
  throw new Failure(
    `--smtp names the user ${user}, and there is no password.`,
    `Set ${PASSWORD}, or leave the user out.`,
  );
}

function passwordGiven(file: string | undefined): string | null {
  const inEnvironment = process.env[PASSWORD];
  delete process.env[PASSWORD];
  if (file === undefined) return inEnvironment === undefined || inEnvironment === '' ? null : inEnvironment;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new Failure(
      `--smtp-password-file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Check the path and its permissions.',
      EXIT.undetermined,
    );
  }
}

function sender(text: string | undefined): string {
  if (text === undefined) throw new Failure('--smtp is given without --smtp-from.', 'Say whom mail comes from.');
  if (z.email().safeParse(text).success) return text;
  throw new Failure(`--smtp-from is ${JSON.stringify(text)}.`, 'Give an e-mail address such as postern@example.test.');
}
