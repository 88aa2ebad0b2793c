import type { OriginRequirement } from '../requirement.ts';
import type { ServerName } from './generate.ts';
import type { Lines } from './lines.ts';

const START = {
  nginx: {
    complete: ['Test it with: nginx -t -c FILE. Run it with: nginx -c FILE'],
    fragment: ['Include it in http { }. Test it with: nginx -t. Then: nginx -s reload'],
  },
  apache: {
    complete: ['Test it with: apache2 -t -f FILE. Run it with: apache2 -f FILE (httpd on RHEL).'],
    fragment: [
      'Include it beside the other virtual hosts; Listen and the modules ssl, headers, setenvif, proxy, proxy_http and',
      'rewrite (a2enmod) are yours to set. Test it with: apachectl configtest. Then: apachectl graceful',
    ],
  },
} as const;

/** How to run it where the system's own server has its files. */
const BESIDE = {
  nginx: "Beside another nginx it needs a process id file of its own: nginx -c FILE -g 'pid /run/NAME.pid;'",
  apache: "To keep its files elsewhere: apache2 -C 'Define POSTERN_RUN DIR' -f FILE",
} as const;

/** The comment on top: what this locks, how it is started, what the lock is worth. */
export function heading(server: ServerName, requirement: OriginRequirement): Lines {
  const { zone, hostnames, mode, form, runtimeDirectory } = requirement;
  const verb = mode === 'enforce' ? 'Locks' : 'Watches';
  return [
    `${verb} ${hostnames.join(', ')} of the zone ${zone}. Made by: postern origin config ${server}`,
    ...worth(requirement),
    ...START[server][form],
    ...(form === 'complete' && runtimeDirectory === null ? [BESIDE[server]] : []),
  ].map((line) => `# ${line}`);
}

function worth({ trust, mode }: OriginRequirement): Lines {
  const letIn =
    trust.kind === 'zone'
      ? ["Only pulls with a certificate of the zone's own authority are let in; no other zone has one."]
      : [
          'Only pulls with a pinned certificate are let in, but the edge presents that one for EVERY zone it serves:',
          'it proves that a request came through the edge, not that it came for this zone.',
        ];
  return mode === 'enforce'
    ? letIn
    : ['It refuses nobody: it tells and logs who came with what. Once it enforces:', ...letIn];
}
