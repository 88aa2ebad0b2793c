import { isWildcard, type ListenAddress, socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isWildcardName, type Site } from '../site.ts';
import type { Content } from '../upstream.ts';
import { foldedSpellings } from '../verified-header.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs } from './lines.ts';
import { narrowFirst, siteWord } from './names.ts';
import { NOT_RUN } from './not-run.ts';
import { type Yaml, yamlLines } from './yaml-lines.ts';

/** Dynamic configuration of Traefik for the requirement: a whole file for its file provider. */
export function traefikConfiguration(requirement: OriginRequirement): string {
  return fileText(
    paragraphs(
      heading('traefik', requirement),
      staticPart(requirement).map((line) => `# ${line}`),
      yamlLines({ tls: tls(requirement), http: http(requirement) }),
    ),
  );
}

/** What is to be said of Traefik alone. */
export function traefikNotes({ listenHttp }: OriginRequirement): readonly string[] {
  return [
    NOT_RUN,
    `The static configuration must hold the entry points that the heading shows${listenHttp.length === 0 ? '' : ', for plain HTTP too'}.`,
    'The options stand in "default" because Traefik chooses them by the name in the handshake: a router of any provider that names other tls.options opens its names, and through them the rest.',
    'The lock holds for every router of these entry points. An entry point of another port, and the API and dashboard, have none.',
    'Traefik hands Upgrade on as it comes (h2c is left out by new versions only): the application must switch to WebSocket and to nothing else. Where it has no WebSocket, add Upgrade: "" to customRequestHeaders; then no switch is asked of it.',
    'Traefik reads the bundle when this file changes: touch it after each change of the bundle.',
  ];
}

/** Entry points by name; one for both families where all addresses of a port are meant. */
function entryPoints(name: string, addresses: readonly ListenAddress[]): ReadonlyMap<string, string> {
  const texts = addresses.map((address) => (isWildcard(address) ? `:${address.port}` : socketText(address)));
  return new Map([...new Set(texts)].map((text, index) => [index === 0 ? name : `${name}${index + 1}`, text]));
}

function secure({ listen }: OriginRequirement): ReadonlyMap<string, string> {
  return entryPoints('posternhttps', listen);
}

function plain({ listenHttp }: OriginRequirement): ReadonlyMap<string, string> {
  return entryPoints('posternhttp', listenHttp);
}

function staticPart(requirement: OriginRequirement): Lines {
  const part: Yaml = {
    entryPoints: Object.fromEntries<Yaml>([
      ...[...secure(requirement)].map(
        ([name, address]) => [name, { address, forwardedHeaders: { insecure: true } }] as const,
      ),
      ...[...plain(requirement)].map(([name, address]) => [name, { address }] as const),
    ]),
    providers: { file: { filename: 'FILE', watch: true } },
  };
  return [
    'To the static configuration (insecure: what the edge says of the visitor is kept; nobody else gets in there):',
    ...yamlLines(part).map((line) => `  ${line}`),
  ];
}

function tls({ sites }: OriginRequirement): Yaml {
  const certificates = new Map(sites.map(({ serverCert, serverKey }) => [serverCert, serverKey]));
  return {
    certificates: [...certificates].map(([certFile, keyFile]) => ({ certFile, keyFile })),
    options: {
      default: {
        '#': 'THE LOCK, for every name. RequireAnyClientCert would let any certificate in, VerifyClientCertIfGiven none too.',
        clientAuth: { caFiles: [sites[0].trust.bundle], clientAuthType: 'RequireAndVerifyClientCert' },
        '#2': 'Who names nobody, or somebody without a certificate here, is refused.',
        sniStrict: true,
        minVersion: 'VersionTLS12',
        '#3': 'A resumed session is not verified again.',
        disableSessionTickets: true,
        alpnProtocols: ['h2', 'http/1.1'],
      },
    },
  };
}

function http(requirement: OriginRequirement): Yaml {
  const { sites, listen, listenHttp } = requirement;
  const named = narrowFirst(sites).map((site, index) => ({
    site,
    word: siteWord(site, listen),
    // Otherwise the longer rule goes first, and a wildcard's is longer than a name that it covers.
    priority: sites.length - index,
  }));
  return {
    routers: {
      ...Object.fromEntries(
        named.map(({ site, word, priority }) => [
          word,
          {
            entryPoints: [...secure(requirement).keys()],
            rule: rule(site),
            priority,
            service: word,
            middlewares: [word],
            tls: {},
          },
        ]),
      ),
      ...(listenHttp.length === 0
        ? {}
        : Object.fromEntries(
            named.map(({ site, word }) => [
              `${word}_plain`,
              {
                entryPoints: [...plain(requirement).keys()],
                rule: rule(site),
                service: word,
                middlewares: ['postern_redirect'],
              },
            ]),
          )),
    },
    middlewares: {
      ...Object.fromEntries(named.map(({ site, word }) => [word, { headers: headers(site) }])),
      ...(listenHttp.length === 0
        ? {}
        : {
            postern_redirect: {
              redirectScheme: { scheme: 'https', port: String(listen[0].port), permanent: true },
            },
          }),
    },
    services: Object.fromEntries(
      named.map(({ site, word }) => [
        word,
        { loadBalancer: { passHostHeader: true, servers: [{ url: url(site.content) }] } },
      ]),
    ),
  };
}

function rule({ hostnames }: Site): string {
  return hostnames
    .map((name) =>
      isWildcardName(name) ? `HostRegexp(\`^.+${name.slice(1).replaceAll('.', '\\.')}$\`)` : `Host(\`${name}\`)`,
    )
    .join(' || ');
}

function headers({ verifiedHeader }: Site): Yaml {
  return {
    customRequestHeaders: {
      '#': "An empty value removes: the caller's own copies, and what CGI would take for its proxy setting.",
      [verifiedHeader]: 'SUCCESS',
      ...Object.fromEntries([...foldedSpellings(verifiedHeader), 'Proxy'].map((name) => [name, ''])),
    },
  };
}

function url(content: Content): string {
  return content.kind === 'proxy' ? `http://${content.host}:${content.port}` : '';
}
