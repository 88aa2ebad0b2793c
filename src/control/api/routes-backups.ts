import { isProblem } from '../../wire/commands.ts';
import { download } from './returns.ts';
import { type Route, route } from './route.ts';

const MEDIA = 'application/octet-stream';

export const BACKUP_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/postern/v1/backups',
    permission: 'backup:read',
    takes: {},
    answers:
      'Takes a backup of everything, keys included, in one file that only the key-encryption key opens. For tokens of all zones and accounts; one at a time.',
    returns: download(MEDIA, 'The first line says in JSON what it is and which key opens it; the rest is sealed.'),
    handle: async (_, { plane, actor, settings: { version } }) => {
      const taken = await plane.takeBackup({ actor, version });
      if (isProblem(taken)) return taken;
      const { revision, taken_at } = taken.facts;
      const name = `postern-${taken_at.replaceAll(/[-:]|\.\d+/g, '')}-r${revision}.backup`;
      const headers = { 'content-type': MEDIA, 'content-disposition': `attachment; filename="${name}"` };
      return { kind: 'download', headers, bytes: taken.bytes };
    },
  }),
];
