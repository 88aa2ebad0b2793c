import type { Finding } from '../attestations/evidence.ts';
import type { Choices } from './setup.ts';
import { unknownNamesBlock } from './unknown-names.ts';

/** What the configuration of a set-up mends: a second recipe beside it would only contradict it. */
const MENDED: ReadonlySet<string> = new Set([
  'not_asked',
  'optional',
  'unverified',
  'verification_off',
  'any_certificate',
  'tests_for_none_only',
  'some_paths_only',
  'left_to_application',
  'not_a_lock',
  'ca_file_missing',
  'ca_file_unusable',
  'edge_refused',
  'old_authority',
  'public_authorities',
  'shared_authority',
  'origin_ca',
  'leaf_as_authority',
  'issuer_by_name',
  'depth_too_small',
  'depth_too_great',
  'lock_not_in_force',
  'config_differs',
  'early_data',
  'lasting_sessions',
  'foreign_session',
]);

const ABOVE =
  'Put the configuration of this set-up in place, as it stands on this page, and have the server load it: it says this.';

/** Whether the configuration of the set-up says what mends it. */
export function isMendedHere(code: string): boolean {
  return MENDED.has(code);
}

/** The finding with what to do in this set-up, where its own configuration does it. */
export function mendedAbove(finding: Finding): Finding {
  return isMendedHere(finding.code) ? { ...finding, fix: ABOVE, server: null } : finding;
}

/** Servers that the command that installs has refuse names that no site has. */
const REFUSE_UNMATCHED: ReadonlySet<string> = new Set(['nginx', 'apache']);

/** The same where the command that installed the lock does it; `command` is null where that was done by hand. */
export function mendedByCommand(finding: Finding, { server }: Choices, command: string | null): Finding {
  if (finding.code !== 'unmatched_names' || command === null || server === undefined || !REFUSE_UNMATCHED.has(server))
    return finding;
  const fix = `# The same command on the origin, with one word more:\n${command} --default-server`;
  return { ...finding, fix, server: null };
}

/** The same where the lock was copied into nginx: a block that finds the sockets of the site by itself. */
export function mendedByBlock(finding: Finding, { hostname, choices }: CopiedInto): Finding {
  const isPart = choices.lines === true || choices.fragment === true;
  if (finding.code !== 'unmatched_names' || choices.server !== 'nginx' || choices.way === 'install' || !isPart)
    return finding;
  const fix = `# Into a shell of root at the origin:\n${unknownNamesBlock(hostname)}`;
  return { ...finding, fix, server: null };
}

interface CopiedInto {
  readonly hostname: string;
  readonly choices: Choices;
}
