import type { OriginRequirement } from '../requirement.ts';
import { socketText } from '../listen-address.ts';
import { ownDoor } from '../own-door.ts';
import type { Site } from '../site.ts';
import type { Lines } from './lines.ts';
import { type ServerName, serverFacts } from './server-facts.ts';

/** The comment on top: what this locks, how it is started, what the lock is worth. */
export function heading(server: ServerName, requirement: OriginRequirement, mark = '#'): Lines {
  const { sites, openNames, form, runtimeDirectory } = requirement;
  const { start, beside } = serverFacts(server);
  const [first, ...rest] = sites.map((site, index) => locks(site, index === 0));
  const open = openNames.map(({ hostname }) => hostname);
  return [
    `${first}. Made by: postern origin config ${server}`,
    ...rest.map((line) => `${line}.`),
    ...worth(requirement),
    ...(open.length === 0 ? [] : [`OPEN to everybody beside it: ${open.join(', ')}.`]),
    ...ownCallers(requirement),
    ...start[form],
    ...(form === 'complete' && runtimeDirectory === null && beside !== null ? [beside] : []),
  ].map((line) => `${mark} ${line}`);
}

function locks({ zone, hostnames, mode }: Site, isFirst: boolean): string {
  const verb = mode === 'enforce' ? 'Locks' : 'Watches';
  return `${isFirst ? verb : `${verb} also`} ${hostnames.join(', ')} of the zone ${zone}`;
}

/** In front of the second listener. Nothing in front of the first. */
export function doorTitle({ sites }: OriginRequirement): Lines {
  if (sites.every(({ via }) => via !== 'own')) return [];
  return [
    "# THE OTHER LISTENER, for the owner's own callers: another CA, which is not trusted at the edge's, nor is the edge's here.",
  ];
}

function ownCallers(requirement: OriginRequirement): Lines {
  const own = ownDoor(requirement);
  if (own === null) return [];
  const authorities = [...new Set(own.sites.map(({ trust }) => trust.bundle))];
  return [
    `Callers certified by ${authorities.join(', ')} come in at ${own.listen.map(socketText).join(', ')} and nowhere else; the edge does not there.`,
  ];
}

const ZONE_WORTH = ["Only pulls with a certificate of the zone's own authority are let in; no other zone has one."];
const SHARED_WORTH = [
  'Only pulls with a pinned certificate are let in, but the edge presents that one for EVERY zone it serves:',
  'it proves that a request came through the edge, not that it came for this zone.',
];

function worth({ sites }: OriginRequirement): Lines {
  const watching = sites.some(({ mode }) => mode === 'watch')
    ? [
        `${sites.every(({ mode }) => mode === 'watch') ? 'It' : 'Where it watches, it'} refuses nobody: it tells and logs who came with what. Once it enforces:`,
      ]
    : [];
  return [
    ...watching,
    ...(sites.some(({ trust }) => trust.kind === 'zone') ? ZONE_WORTH : []),
    ...(sites.some(({ trust }) => trust.kind === 'shared') ? SHARED_WORTH : []),
  ];
}
