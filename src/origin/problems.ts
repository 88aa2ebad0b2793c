import { type FirstProblem, firstProblem } from './first-problem.ts';

/** Why a request for an origin's configuration was refused: one row each. `text` says what, `fix` what to do. */
export const ORIGIN_PROBLEMS = {
  bad_hostname: {
    text: 'not a hostname that can be put into a configuration',
    fix: 'Name hosts such as www.example.test, or *.example.test for the names below one.',
  },
  same_hostname: {
    text: 'this name is given twice',
    fix: 'Give each name once: to one site, or as an open name.',
  },
  mixed_wildcard: {
    text: 'this name is covered by a wildcard elsewhere, and stands beside a wildcard itself',
    fix: 'Give the wildcard names a site of their own.',
  },
  too_many: {
    text: 'more than one server is configured for',
    fix: 'Give at most 100 sites with 1000 names together; use wildcards, or several servers.',
  },
  bad_path: {
    text: 'not a path that can be put into a configuration',
    fix: 'Give an absolute path of letters, digits, spaces and . _ - + @ , = : ~ & ( ) /, at most 1024 characters.',
  },
  bad_upstream: {
    text: 'not an address of an application',
    fix: 'Give http://HOST:PORT without a path, or unix:/path/to.sock. The application belongs on loopback.',
  },
  two_contents: {
    text: 'an upstream and a root exclude each other',
    fix: 'Give the application (upstream) or the directory of files (root), not both.',
  },
  bad_listen: {
    text: 'not an address to listen on',
    fix: 'Give HOST:PORT with an IP address, such as 127.0.0.1:8443 or [::]:443, or :443 for all addresses.',
  },
  same_listen: {
    text: 'the same address is used for HTTPS and for HTTP',
    fix: 'Use different ports, or switch plain HTTP off.',
  },
  bad_header: {
    text: 'not a name for the verified header',
    fix: 'Use letters, digits and at most five hyphens, such as X-Postern-Verified, and none that HTTP itself uses.',
  },
  long_header: {
    text: 'while it watches, this server lets in copies of a name with more than two hyphens, in odd spellings of it',
    fix: 'Choose a name with at most two hyphens, such as X-Postern-Verified. Longer ones are taken where it enforces: everybody whom it lets in is verified then.',
  },
  bad_pin: {
    text: 'not a certificate to pin',
    fix: "Give the leaf certificate of the shared identity in PEM, beginning with '-----BEGIN CERTIFICATE-----'.",
  },
  shared_not_accepted: {
    text: 'the shared identity is presented for every zone of the installation',
    fix: "Use the zone's own identity, or say --accept-shared so that the configuration pins the certificate.",
  },
  half_server_certificate: {
    text: 'the server certificate and its key go together',
    fix: 'Give both files, or neither.',
  },
  key_apart: {
    text: 'HAProxy before 3.0 reads the key from the file of the certificate, or from the one named CERTIFICATE.key',
    fix: 'Link it there (ln -s KEY CERTIFICATE.key) and name that file, or put both into one file and name it twice.',
  },
  path_with_space: {
    text: 'a list of certificates in HAProxy cannot name a path with a space',
    fix: 'Put the file where the path has no space.',
  },
  bad_server_version: {
    text: 'not a version of the server',
    fix: "Give what 'nginx -v', 'apache2 -v', 'haproxy -v' or 'caddy version' prints, such as 1.22.1.",
  },
  server_too_old: {
    text: 'this version of the server cannot be locked with this configuration',
    fix: 'Use the version named there or a later one.',
  },
  sessions_cross: {
    text: 'this version lets a session that began under one CA in where another one is trusted (CVE-2025-68121)',
    fix: 'Use Caddy 2.9 or later, which resumes no session of somebody with a certificate, or one CA in each Caddy.',
  },
  no_several_zones: {
    text: 'this server cannot ask for the certificates of several zones on one listener',
    fix: 'Make one configuration for each zone, each with a --listen of its own.',
  },
  one_lock: {
    text: 'this server asks for certificates in one way for all names of a listener',
    fix: 'Give all sites the same mode and the same revocation lists, or make one configuration for each.',
  },
  not_a_service: {
    text: 'not a service of the cluster, or not of the same namespace as the others',
    fix: 'Give http://SERVICE:PORT or http://SERVICE.NAMESPACE:PORT, and one namespace for each configuration.',
  },
  no_lock_lines: {
    text: 'lines of the lock alone go into virtual hosts of nginx and Apache, not of this server',
    fix: 'Leave lines out: a part to include, or a whole configuration, is made for every server.',
  },
  no_several_sites: {
    text: 'this server serves one site',
    fix: 'Make one configuration for each site, each with a --listen of its own.',
  },
  no_open_names: {
    text: 'this server cannot leave a name open beside a locked one on the same listener',
    fix: 'Give the open names a listener of their own.',
  },
  no_shared: {
    text: 'this server cannot compare the certificate with those that are pinned',
    fix: "Use the zone's own identity, which needs no pin.",
  },
  no_watch: {
    text: 'this server cannot ask for a certificate and refuse nobody',
    fix: 'Look first who comes, with another server or with postern guard, and then enforce here.',
  },
  no_upstream: {
    text: 'this server cannot pass requests on to an application',
    fix: 'Give the directory of files with --root, or use another server.',
  },
  no_socket: {
    text: 'this server cannot reach an application on a socket file',
    fix: 'Have the application listen on 127.0.0.1, and give http://127.0.0.1:PORT.',
  },
  no_root: {
    text: 'this server cannot serve files',
    fix: 'Give the address of an application that does with --upstream.',
  },
  no_crl: {
    text: 'this server cannot check revocation lists',
    fix: 'Leave --crl out, and replace the identity instead of revoking it; or use nginx, Apache or HAProxy.',
  },
  no_redirect: {
    text: 'this server cannot redirect plain HTTP',
    fix: 'Leave --listen-http out: plain HTTP then stays closed.',
  },
  no_fragment: {
    text: 'this server has no configuration that a part could be included into',
    fix: 'Leave --fragment out.',
  },
  no_complete: {
    text: 'this server is not configured by one file alone',
    fix: 'Say --fragment.',
  },
  no_wildcard: {
    text: 'this server cannot lock a wildcard name',
    fix: 'Give the names one by one.',
  },
  also_trust_unsupported: {
    text: 'callers of another CA are not configured for on this server',
    fix: 'Use postern guard (--also-trust), which tells them apart, or a server that has a listener for them: nginx, Apache, HAProxy, Caddy or Node.',
  },
  also_trust_alone: {
    text: 'callers of another CA need a listener of their own, since a server trusts every CA of a listener alike',
    fix: 'Say where with --also-listen HOST:PORT, or use postern guard, which tells them apart on one listener.',
  },
  also_listen_alone: {
    text: 'nobody is let in at this listener',
    fix: 'Name the CA of its callers with --also-trust FILE, or leave it out.',
  },
  also_listen_taken: {
    text: 'the listener of your own callers is also one of the others, or covered by it',
    fix: 'Use another port, such as 127.0.0.1:9443.',
  },
  also_crl_alone: {
    text: 'there is no CA that these lists could belong to',
    fix: 'Name it with --also-trust FILE, or leave the lists out.',
  },
  same_ca: {
    text: 'the edge and your own callers would be let in by the same CA, so that either came in as the other',
    fix: 'Use a CA of your own that certifies your callers and nobody else.',
  },
  header_is_via: {
    text: 'this header tells the application whether the edge came or a caller of your own',
    fix: 'Choose another name for the verified header.',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export type OriginProblemCode = keyof typeof ORIGIN_PROBLEMS;

/** A refused field of a request. `field` is its name in `OriginRequest` or in one of its sites, `found` what it held, fit for one line. */
export interface OriginProblem {
  readonly kind: 'problem';
  readonly code: OriginProblemCode;
  readonly field: string;
  readonly found: string;
}

const SHOWN = 80;

/** A refusal of `field`. Control characters in `found` are shown escaped, so that it can go to a terminal. */
export function originProblem(code: OriginProblemCode, field: string, found: string): OriginProblem {
  const line = JSON.stringify(found).replace(/[\u007f-\u009f\u2028\u2029]/gu, '?');
  return { kind: 'problem', code, field, found: line.length > SHOWN ? `${line.slice(0, SHOWN)}…"` : line };
}

/** One sentence for people: which field, what it was, what is allowed. */
export function problemText({ code, field, found }: OriginProblem): string {
  const row = ORIGIN_PROBLEMS[code];
  return `${field}: ${found} is refused: ${row.text}. ${row.fix}`;
}

const parsing: FirstProblem<OriginProblem> = firstProblem();

/** What parsers of fields give, or the first field that is to blame. */
export const { orProblem } = parsing;

/** Ends the parsing of a request at a field. */
export function refuse(code: OriginProblemCode, field: string, found: string): never {
  return parsing.refuse(originProblem(code, field, found));
}
