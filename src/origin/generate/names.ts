import { createHash } from 'node:crypto';
import type { Hostname } from '../../domain/ids.ts';
import { socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';

/**
 * Eight hex digits for this site's variables: several generated configurations may run in one server, so they differ
 * with the names and with the sockets. Short, because nginx refuses variables of more than 46 characters by default.
 */
export function siteId({ hostnames, listen }: OriginRequirement): string {
  return createHash('sha256')
    .update([...hostnames, ...listen.map(socketText)].join('\n'))
    .digest('hex')
    .slice(0, 8);
}

/** The same with the first hostname in front, for files and upstreams. Letters, digits and underscores. */
export function siteWord(requirement: OriginRequirement): string {
  const readable = requirement.hostnames[0].replace('*.', 'any.').replace(/[^a-z0-9]/g, '_');
  return `${readable.slice(0, 40)}_${siteId(requirement)}`;
}

/** A regular expression (PCRE) for exactly these names. A wildcard stands for one or more labels, as in nginx. */
export function namesPattern(hostnames: readonly Hostname[]): string {
  const alternatives = hostnames.map((name) =>
    name.startsWith('*.') ? `[a-z0-9_.-]+${escapeDots(name.slice(1))}` : escapeDots(name),
  );
  return `^(?:${alternatives.join('|')})$`;
}

// A hostname holds letters, digits, '-', '_' and '.': only the dot means something in a pattern.
function escapeDots(name: string): string {
  return name.replaceAll('.', '\\.');
}
