import { hostname } from '../../domain/ids.ts';
import { visible } from '../../wire/visible.ts';
import type { SpfMention } from './facts.ts';
import { type SpfTerm, spfTerms } from './spf.ts';
import type { ZoneAsker } from './zone-asker.ts';

/** RFC 7208 §4.6.4: a receiver gives up after so many terms that ask the DNS. */
const MOST_LOOKUPS = 10;
const MOST_HOSTS = 10;

/** Everything that the sender policy of a domain names, with what it includes. */
export async function followSpf(asker: ZoneAsker, zone: string): Promise<readonly SpfMention[]> {
  const walk: Walk = { asker, mentions: [], seen: new Set(), left: MOST_LOOKUPS };
  await follow(walk, zone);
  return walk.mentions;
}

interface Walk {
  readonly asker: ZoneAsker;
  readonly mentions: SpfMention[];
  readonly seen: Set<string>;
  left: number;
}

async function follow(walk: Walk, domain: string): Promise<void> {
  if (walk.seen.has(domain)) return;
  walk.seen.add(domain);
  const policies = (await walk.asker.records(domain, 'TXT')).flatMap((record) => {
    const terms = spfTerms(record, domain);
    return terms === null ? [] : [terms];
  });
  // RFC 7208 §4.5: two policies are an error for a receiver, and both tell something to a reader.
  for (const term of policies.flat()) await take(walk, domain, term);
}

async function take(walk: Walk, domain: string, term: SpfTerm): Promise<void> {
  const { asker, mentions } = walk;
  if (term.kind === 'network') {
    mentions.push({ network: term.network, domain, term: term.text });
    return;
  }
  if (term.kind === 'unfollowed')
    return asker.skip(`${visible(term.text)} in the SPF record of ${domain}`, 'is a macro or no name');
  if (walk.left === 0)
    return asker.skip(`${visible(term.text)} in the SPF record of ${domain}`, 'is beyond ten lookups');
  walk.left -= 1;
  if (term.kind === 'include') return follow(walk, term.name);
  const hosts = term.kind === 'a' ? [term.name] : (await asker.records(term.name, 'MX')).slice(0, MOST_HOSTS);
  for (const host of hosts) {
    const name = hostname(host);
    const addresses = name === null ? [] : await asker.addresses(name);
    mentions.push(...addresses.map((network) => ({ network, domain, term: term.text })));
  }
}
