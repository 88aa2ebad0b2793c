import { type BigIntStats, statSync } from 'node:fs';

/** Whom to tell about files. */
export interface Follower {
  /** They have changed, and are still again. */
  readonly changed: () => void;
  /** They were looked at, whatever was seen. */
  readonly looked?: () => void;
  /** How often they are looked at, in milliseconds; 2000 where left out. */
  readonly every?: number;
}

/** Files that are looked at now and then. */
export interface FollowedFiles {
  /** Somebody has just read them: what they look like now is no news. */
  readonly settle: () => void;
  readonly close: () => void;
}

const LOOK_EVERY = 2_000;

/**
 * Tells when files change. They are looked at, not watched: renewals replace files, directories and symbolic links, and the
 * watches of most systems lose track of one of these. A change is told once it has been still for one look, because
 * certificate and key never change together.
 */
export function followFiles(paths: readonly string[], follower: Follower): FollowedFiles {
  let seen = looksOf(paths);
  let moving = false;
  const look = (): void => {
    follower.looked?.();
    const now = looksOf(paths);
    if (now !== seen) {
      seen = now;
      moving = true;
    } else if (moving) {
      moving = false;
      follower.changed();
    }
  };
  const timer = setInterval(look, follower.every ?? LOOK_EVERY).unref();
  return {
    settle: () => {
      seen = looksOf(paths);
      moving = false;
    },
    close: () => clearInterval(timer),
  };
}

/** How the files look: any change of content, by whatever means, changes this. */
function looksOf(paths: readonly string[]): string {
  return paths.map(looks).join(' ');
}

function looks(path: string): string {
  try {
    const { ino, size, mode, mtimeNs, ctimeNs }: BigIntStats = statSync(path, { bigint: true });
    return [ino, size, mode, mtimeNs, ctimeNs].join(':');
  } catch {
    return 'none';
  }
}
