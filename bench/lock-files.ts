import { instant } from '../src/domain/ids.ts';
import { writeBundle } from '../src/pki/bundle.ts';
import { createAuthority, issueLeaf, validFor } from '../src/pki/issue.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';
import { createSharedAuthority, issueIdentity, sharedUri } from '../src/pki/zone-authority.ts';
import type { Workshop } from './servers.ts';

const DAY = 86_400_000;

/** What a locked server shows and trusts, by the paths of files. */
export interface LockFiles {
  readonly bundle: string;
  readonly chain: string;
  readonly key: string;
  /** What the edge would show. */
  readonly pull: { readonly chain: string; readonly key: string };
}

/** Makes them for a server of this name. */
export async function lockFiles(workshop: Workshop, name: string): Promise<LockFiles> {
  const now = instant(Date.now());
  const { root, intermediate } = await createSharedAuthority({ installation: 'bench.postern.internal', now });
  const pull = await issueIdentity(intermediate, { uri: sharedUri('bench.postern.internal'), now });
  const common = { validity: validFor(now, DAY) };
  const servers = {
    ...common,
    profile: PROFILES.serverRoot,
    subject: { commonName: 'bench CA' },
    key: await generateKey(),
  };
  const leaf = issueLeaf(createAuthority(servers), {
    ...common,
    profile: PROFILES.serverLeaf,
    subject: { commonName: name },
    key: await generateKey(),
    names: [{ kind: 'dns', value: name }],
  });
  return {
    bundle: workshop.file('bundle.pem', writeBundle([root.certificate, intermediate.certificate])),
    chain: workshop.file('guard.pem', leaf.certificate.pem),
    key: workshop.file('guard.key', leaf.key.reveal()),
    pull: {
      chain: workshop.file('pull.pem', [pull.certificate, ...pull.chain].map(({ pem }) => pem).join('')),
      key: workshop.file('pull.key', pull.key.reveal()),
    },
  };
}
