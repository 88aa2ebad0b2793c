import { isWildcard, type ListenAddress } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { Site } from '../site.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs } from './lines.ts';
import { serverWord } from './names.ts';
import { below } from '../config-path.ts';

/** stunnel configuration for the requirement: a whole file for `stunnel FILE`. */
export function stunnelConfiguration(requirement: OriginRequirement): string {
  return fileText(
    paragraphs(
      heading('stunnel', requirement, ';'),
      whole(requirement),
      ...accepted(requirement.listen).map((address, index) => service(requirement, address, index)),
    ),
  );
}

/** What is to be said of stunnel alone. */
export function stunnelNotes({ sites: [{ verifiedHeader, hostnames, crl }] }: OriginRequirement): readonly string[] {
  return [
    'stunnel knows nothing of HTTP: it passes on whatever a caller with the right certificate sends.',
    `So it sets no ${verifiedHeader} and removes none: an application behind it must not trust that header, nor any like it.`,
    `It looks at no name, neither in the handshake nor in Host: put only ${hostnames.join(', ')} behind it, and let the application refuse every other Host.`,
    'It speaks no HTTP/2 with the edge, and the application sees 127.0.0.1 as the address of every caller.',
    'It stays the user that starts it: start it as one of its own that may read the key, with CAP_NET_BIND_SERVICE for port 443.',
    ...(crl === null
      ? []
      : ['stunnel looks for the leaf on the lists, and for no CA: a revoked intermediate it would still trust.']),
    'Connections that are under way live on when it reloads (kill -HUP).',
  ];
}

function whole({ runtimeDirectory }: OriginRequirement): Lines {
  return [
    'foreground = yes',
    'syslog = no',
    ...(runtimeDirectory === null
      ? ['pid =']
      : [`pid = ${below(runtimeDirectory, 'stunnel.pid')}`, `output = ${below(runtimeDirectory, 'stunnel.log')}`]),
    '; At this level stunnel says why it refused a certificate.',
    'debug = notice',
  ];
}

function service(requirement: OriginRequirement, accept: string, index: number): Lines {
  const [site] = requirement.sites;
  const name = `postern-${serverWord(requirement)}`;
  return [
    `[${index === 0 ? name : `${name}-${index + 1}`}]`,
    `accept = ${accept}`,
    `connect = ${application(site)}`,
    '; What the edge verifies: the certificate of this site.',
    `cert = ${site.serverCert}`,
    `key = ${site.serverKey}`,
    '; THE LOCK: who does not show a certificate of this bundle is refused with a TLS alert. All three lines are needed:',
    '; without verifyChain any certificate would do, and the bundle alone asks for none.',
    `CAfile = ${site.trust.bundle}`,
    'verifyChain = yes',
    'requireCert = yes',
    ...(site.crl === null
      ? []
      : [
          '; Checked for the leaf: a list that is missing or past its end refuses everybody. Renew it, then reload.',
          `CRLfile = ${site.crl}`,
        ]),
    'sslVersionMin = TLSv1.2',
    'ciphers = ECDHE+AESGCM:ECDHE+CHACHA20',
    '; A resumed session is not verified again: without sessions, revocation and a new bundle bite at once.',
    'sessionResume = no',
    'options = NO_TICKET',
    'renegotiation = no',
    '; A WebSocket may stay quiet for long.',
    'TIMEOUTidle = 86400',
    'TIMEOUTclose = 0',
  ];
}

function application({ content }: Site): string {
  if (content.kind === 'proxy') return `${content.host.replace(/^\[|\]$/g, '')}:${content.port}`;
  return content.kind === 'socket' ? content.path : content.root;
}

/** `:::PORT` takes both families, so the IPv4 wildcard beside it would find the port taken. */
function accepted(listen: readonly ListenAddress[]): readonly string[] {
  const six = listen.filter((address) => address.family === 6 && isWildcard(address)).map(({ port }) => port);
  return listen
    .filter((address) => address.family === 6 || !isWildcard(address) || !six.includes(address.port))
    .map(({ host, port }) => `${host}:${port}`);
}
