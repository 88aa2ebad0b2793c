import { endsSoon } from '../../domain/ends-soon.ts';
import type { Instant } from '../../domain/ids.ts';
import { followFiles } from '../../files/followed-files.ts';
import { errorFields, type Log } from '../log.ts';
import { type CertificateFiles, type Credential, loadCredential, outOfTime } from './certificate.ts';

/** What keeps a listener's credential up to date. */
export interface KeepOptions {
  readonly files: CertificateFiles;
  readonly clock: () => Instant;
  readonly log: Log;
  /** Is given each credential that takes the place of the one before. */
  readonly replaced: (credential: Credential) => void;
  /** How often the files are looked at, in milliseconds; 2000 where left out. */
  readonly every?: number;
}

/** A credential that follows its files. */
export interface KeptCredential {
  /** Reads the files now (SIGHUP). Good ones take effect; bad ones are logged, and the credential stays. */
  readonly reload: () => void;
  readonly close: () => void;
}

const DAY = 86_400_000;

/** Keeps the credential that was loaded at the start, and loads it anew when the files change. */
export function keepCredential(first: Credential, options: KeepOptions): KeptCredential {
  const { files, clock, log } = options;
  let current = first;
  let warned = say(first, options, null);

  const reload = (): void => {
    followed.settle();
    try {
      const next = loadCredential(files, clock());
      if (next.chain === current.chain && next.key.reveal() === current.key.reveal()) return;
      const because = outOfTime(next, clock());
      if (because !== null) return log('api_certificate_refused', { file: files.certificate, because });
      options.replaced(next);
      current = next;
      warned = say(next, options, null);
    } catch (error) {
      log('api_certificate_refused', { file: files.certificate, because: errorFields(error).error });
    }
  };
  const followed = followFiles([files.certificate, files.key], {
    changed: reload,
    looked: () => {
      warned = remind(current, options, warned);
    },
    ...(options.every === undefined ? {} : { every: options.every }),
  });
  return { reload, close: followed.close };
}

/** Says what is shown from now on, and when it was said that it ends. */
function say(credential: Credential, options: KeepOptions, warned: Instant | null): Instant | null {
  const { subject, fingerprint, notAfter } = credential.leaf;
  options.log('api_certificate', {
    file: options.files.certificate,
    subject,
    fingerprint,
    expires: new Date(notAfter).toISOString(),
  });
  for (const warning of credential.warnings) {
    options.log('api_certificate_doubtful', { file: options.files.certificate, warning });
  }
  return remind(credential, options, warned);
}

/** Once a day, that nobody can connect any more, or soon. */
function remind(credential: Credential, { files, clock, log }: KeepOptions, warned: Instant | null): Instant | null {
  const now = clock();
  const { notAfter } = credential.leaf;
  const soon = endsSoon(notAfter, now) ? `it ends in ${days(notAfter - now)}` : null;
  const because = outOfTime(credential, now) ?? soon;
  if (because === null || (warned !== null && now - warned < DAY)) return warned;
  log('api_certificate_ending', { file: files.certificate, because });
  return now;
}

function days(milliseconds: number): string {
  const count = Math.ceil(milliseconds / DAY);
  return count === 1 ? 'a day' : `${count} days`;
}
