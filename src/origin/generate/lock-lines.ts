import { APACHE_LOGS, below, type ConfigPath, configPath, NGINX_LOGS } from '../config-path.ts';
import { type OriginProblem, originProblem } from '../problems.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { Site } from '../site.ts';
import { apacheLockDirectives, apacheLockRules } from './apache-directives.ts';
import { watchLogFormat } from './apache-told.ts';
import type { Configuration } from './generate.ts';
import { fileText, type Lines, section } from './lines.ts';
import { siteWord, watchLogName } from './names.ts';
import { nginxLockDirectives, nginxLockRules } from './nginx-directives.ts';
import { lockLogFile, lockLogFormat, lockLogLine } from './nginx-lock-log.ts';
import { serverFacts, type ServerName } from './server-facts.ts';

/** The servers into whose virtual hosts lines can be put, and how. */
const TAKERS = { nginx: { made: nginxLines, log: nginxLog }, apache: { made: apacheLines, log: apacheLog } } as const;

/** Where a log is, with whose requests it holds. */
interface LinesLog {
  readonly path: ConfigPath;
  readonly hostnames: readonly string[];
}

type LockLines = Configuration & { readonly logs: readonly LinesLog[] };

/**
 * The lock alone, for a virtual host that is there: what `origin install` puts into it, for whoever does it by hand.
 * Listeners, certificate and content stay those of the virtual host.
 */
export function lockLines(server: ServerName, requirement: OriginRequirement): LockLines | OriginProblem {
  const taker = server === 'nginx' || server === 'apache' ? TAKERS[server] : null;
  if (taker === null) return originProblem('no_lock_lines', 'lines', serverFacts(server).label);
  const [site, second] = requirement.sites;
  if (second !== undefined) return originProblem('no_several_sites', 'lines', second.hostnames[0]);
  const { hostnames, mode } = site;
  const logs = mode === 'watch' ? [{ path: taker.log(site), hostnames }] : [];
  return { kind: 'config', ...taker.made(site), logs };
}

function nginxLog(site: Site): ConfigPath {
  return lockLogFile(site, NGINX_LOGS);
}

function nginxLines(site: Site): Omit<Configuration, 'kind'> {
  const { hostnames, mode } = site;
  const lock = { ...trustOf(site), mode, names: hostnames, overridesTrusted: true };
  const directives = nginxLockDirectives(lock).map(({ name, value }) => `${name} ${value};`);
  const text = [
    ...heading(site, 'Goes into the server { } that answers for them, in front of its locations.'),
    '# nginx takes each of these once: what the block, or a file that it includes, says of it already has to go, there or here.',
    ...directives,
    ...(mode === 'watch'
      ? [
          '# A block without an access_log of its own logs here alone: put the one that it logged to before beside these,',
          '# on Debian access_log /var/log/nginx/access.log;',
          lockLogLine(site, nginxLog(site)),
        ]
      : [
          '# Plain HTTP carries no certificate: it redirects and does nothing else.',
          'if ($scheme = http) { return 301 https://$host$request_uri; }',
        ]),
    ...nginxLockRules(lock),
  ];
  const path = configPath(`/etc/nginx/conf.d/00-postern-${fileName(site)}.conf`);
  const format = path === null || mode !== 'watch' ? [] : [{ path, text: fileText(lockLogFormat(site)) }];
  return {
    text: fileText(text),
    notes: notesOf(site),
    files: format,
  };
}

function apacheLog(site: Site): ConfigPath {
  return below(APACHE_LOGS, watchLogName(site));
}

function apacheLines(site: Site): Omit<Configuration, 'kind'> {
  const { hostnames, mode } = site;
  const { bundle, crl, pins } = trustOf(site);
  const word = siteWord(site, []);
  const text = [
    ...heading(site, 'Goes into the <VirtualHost> that answers for them, as its last lines.'),
    ...apacheLockDirectives({ bundle, crl, mode }),
    ...apacheLockRules({ mode, pins, names: hostnames, told: null }),
    ...(mode === 'watch'
      ? section(
          '<IfModule log_config_module>',
          [
            '# A virtual host without a CustomLog of its own logs here alone: repeat what it logged to before.',
            watchLogFormat(word),
            `CustomLog "${apacheLog(site)}" postern_watch_${word}`,
          ],
          '</IfModule>',
        )
      : []),
  ];
  return {
    text: fileText(text),
    notes: notesOf(site),
    files: [],
  };
}

function heading({ zone, hostnames, mode }: Site, where: string): Lines {
  const verb = mode === 'enforce' ? 'Locks' : 'Watches, refusing nobody,';
  return [`# ${verb} ${hostnames.join(', ')} of the zone ${zone}.`, `# ${where}`];
}

function notesOf({ hostnames, mode, trust, crl }: Site): readonly string[] {
  return [
    mode === 'watch'
      ? 'Watching locks nothing: everybody still reaches the application.'
      : `Every name of that virtual host but ${hostnames.join(', ')} is turned away: name all that it has.`,
    'Other virtual hosts that serve the same stay open; so does the one that answers for names nobody claims, until a server of its own refuses those.',
    `Without the certificates in ${trust.bundle} nobody is let in; after each change of the file, reload the server.`,
    ...(crl === null ? [] : [`Past the end of a list in ${crl} everybody is refused: keep it current, and reload.`]),
  ];
}

function trustOf({ trust, crl }: Site) {
  return { bundle: trust.bundle, crl, pins: trust.kind === 'shared' ? trust.pins : [] };
}

function fileName({ hostnames: [first] }: Site): string {
  return first.replace('*.', 'any.');
}
