import { type BigIntStats, statSync } from 'node:fs';
import type { Instant } from '../../domain/ids.ts';
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

const LOOK_EVERY = 2_000;
const DAY = 86_400_000;
const ENDS_SOON = 14 * DAY;

/**
 * Keeps the credential that was loaded at the start, and loads it anew when the files change. They are looked at, not
 * watched: renewals replace files, directories and symbolic links, and the watches of most systems lose track of one
 * of these. A change is read once it has been still for one look, because certificate and key never change together.
 */
export function keepCredential(first: Credential, options: KeepOptions): KeptCredential {
  const { files, clock, log } = options;
  let current = first;
  let seen = looksOf(files);
  let moving = false;
  let warned = say(first, options, null);

  const reload = (): void => {
    seen = looksOf(files);
    moving = false;
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
  const look = (): void => {
    warned = remind(current, options, warned);
    const now = looksOf(files);
    if (now !== seen) {
      seen = now;
      moving = true;
    } else if (moving) reload();
  };
  const timer = setInterval(look, options.every ?? LOOK_EVERY).unref();
  return { reload, close: () => clearInterval(timer) };
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
  const soon = credential.leaf.notAfter - now < ENDS_SOON;
  const because = outOfTime(credential, now) ?? (soon ? `it ends in ${days(credential.leaf.notAfter - now)}` : null);
  if (because === null || (warned !== null && now - warned < DAY)) return warned;
  log('api_certificate_ending', { file: files.certificate, because });
  return now;
}

function days(milliseconds: number): string {
  const count = Math.ceil(milliseconds / DAY);
  return count === 1 ? 'a day' : `${count} days`;
}

/** How the two files look: any change of content, by whatever means, changes this. */
function looksOf({ certificate, key }: CertificateFiles): string {
  return [certificate, key].map(looks).join(' ');
}

function looks(path: string): string {
  try {
    const { ino, size, mode, mtimeNs, ctimeNs }: BigIntStats = statSync(path, { bigint: true });
    return [ino, size, mode, mtimeNs, ctimeNs].join(':');
  } catch {
    return 'none';
  }
}
