import type { Command } from 'commander';
import { calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { readPemFile } from '../pem-file.ts';
import { zoneNamed } from '../zone-lookup.ts';
import { begin, beginning, type BeginningFlags } from './rotations.ts';

interface Flags extends BeginningFlags {
  readonly cert: string;
  readonly key: string;
  readonly root?: string;
}

/** `postern ca import`: a CA of the owner's in the place of the one that Postern made. */
export function importCommand(): Command {
  return beginning('import', 'have a CA of your own issue the identities of a zone, proved origin by origin', [
    'ca import --zone example.test --cert intermediate.pem \\\n      --key intermediate.key --root root.pem',
    'ca import --zone example.test --cert intermediate.pem \\\n      --key intermediate.key --root root.pem --rehearse',
  ])
    .requiredOption('--cert <file>', 'the intermediate in PEM; its root may follow')
    .requiredOption('--key <file>', 'the unencrypted key of the intermediate in PEM; - for stdin')
    .option('--root <file>', 'the root that has signed it (default: the present one); its key is not wanted')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { cert, key, root } = flags;
        if ([cert, key, root].filter((file) => file === '-').length > 1) {
          throw new Failure('Only one of the files can come from stdin.', 'Name a file for the others.');
        }
        const body = {
          certificate: readPemFile('--cert', cert),
          private_key: readPemFile('--key', key),
          ...(root === undefined ? {} : { root_certificate: readPemFile('--root', root) }),
        };
        const zone = await zoneNamed(access, flags.zone);
        await begin(access, zone, { flags, json, body, path: `/postern/v1/zones/${zone.id}/authority` });
      }),
    );
}
