/** What a guard serves with and is told of: good files that do not fit what they are used for. */

import type { X509Facts } from '../../domain/certificate.ts';
import { endsSoon } from '../../domain/ends-soon.ts';
import type { Hostname, Instant } from '../../domain/ids.ts';
import { certifiable } from '../../pki/certifiable.ts';
import { namesHost } from '../../pki/names-host.ts';
import { reread } from '../../pki/read.ts';
import { visible } from '../../wire/visible.ts';
import { isWildcardName } from '../site.ts';
import type { Site } from './site.ts';

/** Why somebody should look: one row each. `text` says what, `fix` what to do. */
export const GUARD_DOUBTS = {
  name_not_shown: {
    text: 'the certificate that is shown does not name them, so an edge in SSL mode strict does not pull from here',
    fix: 'Show one whose subjectAltName has each of them; a wildcard there stands for one label.',
  },
  bundle_of_others: {
    text: 'the CAs of the bundle may not certify them: the edge shows a certificate of another CA for them, which this lock does not know',
    fix: 'Fetch the bundle of their own zone: postern ca bundle --zone ZONE --out FILE. All is well where records put these names into Host in place of their own (host_header).',
  },
  certificate_ending: {
    text: 'the certificate that is shown ends within 14 days',
    fix: 'Renew it: the new file is read when it is there.',
  },
  certificate_ended: {
    text: 'the certificate that is shown has ended, so an edge in SSL mode strict does not pull from here',
    fix: 'Renew it: the new file is read when it is there.',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

/** What is doubtful, and of which names. */
export interface Doubt {
  readonly code: 'name_not_shown' | 'bundle_of_others';
  readonly names: readonly [Hostname, ...Hostname[]];
  /** What the file is good for instead. */
  readonly instead: readonly string[];
}

/** What of the files in force bears on it. */
export interface Files {
  readonly leaf: X509Facts;
  /** The CAs of the edge. */
  readonly cas: readonly X509Facts[];
}

/** All that is doubtful whatever the time is. Pure. */
export function doubtsOf(site: Pick<Site, 'hostnames' | 'serverNames'>, { leaf, cas }: Files): readonly Doubt[] {
  const { hostnames, serverNames } = site;
  const { permits, domains } = certifiable(cas);
  // The edge asks for the server names, where there are any, and holds the certificate against what it asked for.
  const asked = serverNames.length > 0 ? serverNames : hostnames;
  return [
    ...about(
      'name_not_shown',
      leaf.dnsNames,
      asked.filter((name) => !shows(leaf, name)),
    ),
    ...about(
      'bundle_of_others',
      domains,
      hostnames.filter((name) => !permits(name)),
    ),
  ];
}

function about(code: Doubt['code'], instead: readonly string[], names: readonly Hostname[]): readonly Doubt[] {
  const [first, ...rest] = names;
  return first === undefined ? [] : [{ code, names: [first, ...rest], instead }];
}

function shows(leaf: X509Facts, name: Hostname): boolean {
  if (isWildcardName(name)) return leaf.dnsNames.some((one) => one.toLowerCase() === name);
  return namesHost(reread(leaf).x509, name);
}

/** Whether the certificate has ended, or is about to. */
export function endingDoubt({ notAfter }: X509Facts, now: Instant): 'certificate_ending' | 'certificate_ended' | null {
  if (now > notAfter) return 'certificate_ended';
  return endsSoon(notAfter, now) ? 'certificate_ending' : null;
}

const MOST_TOLD = 20;

/** The same for the log: of which names, which file, why, and what to do. */
export function doubtText(
  { code, names, instead }: Doubt,
  { credential, policy }: Pick<Site, 'credential' | 'policy'>,
) {
  const { text, fix } = GUARD_DOUBTS[code];
  return {
    names: listed(names),
    file: code === 'name_not_shown' ? credential.certificate : policy.bundle,
    because: `${text} (it is for ${instead.length === 0 ? 'no host' : listed(instead)})`,
    fix,
  };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_TOLD).map(visible).join(' ');
  return names.length > MOST_TOLD ? `${shown} and ${names.length - MOST_TOLD} more` : shown;
}
