import type { ServerName } from '../generate/server-facts.ts';
import type { FoundServer, NoServer, ServerHints } from './found-server.ts';
import { findNginx } from './nginx/find.ts';

/** Finds a web server on this host: the one that is named, or the only one that runs. */
export async function findServer({
  server,
  ...hints
}: ServerHints & { readonly server: ServerName | undefined }): Promise<FoundServer | NoServer> {
  if (server !== undefined && !(server in FINDERS)) {
    return {
      kind: 'none',
      text: `${server} is not a server that can be found here.`,
      fix: `Use ${Object.keys(FINDERS).join(', ')}.`,
    };
  }
  return findNginx(hints);
}

const FINDERS = { nginx: findNginx } as const;
