import { type ListenAddress, socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { OpenName, Site } from '../site.ts';
import type { Content } from '../upstream.ts';
import { heading } from './heading.ts';
import { fileText, paragraphs } from './lines.ts';
import { siteId, siteWord } from './names.ts';
import { NOT_RUN } from './not-run.ts';
import { type Yaml, yamlLines } from './yaml-lines.ts';

const TYPE = 'type.googleapis.com/envoy.extensions';

/** Envoy bootstrap configuration for the requirement: a whole file for `envoy -c`. */
export function envoyConfiguration(requirement: OriginRequirement): string {
  return fileText(paragraphs(heading('envoy', requirement), yamlLines({ static_resources: resources(requirement) })));
}

/** What is to be said of Envoy alone. */
export function envoyNotes(): readonly string[] {
  return [
    NOT_RUN,
    'Envoy reads bundle, lists, certificate and key once: restart it after each change of a file, or serve them by SDS with a watched_directory.',
    'Header names with underscores are dropped. Names with other marks (dots …) pass: the application must not fold them into the verified header.',
  ];
}

function resources(requirement: OriginRequirement): Yaml {
  const { listen, listenHttp, sites, openNames } = requirement;
  return {
    listeners: [
      ...listen.map((address) => secureListener(requirement, address)),
      ...listenHttp.map((address) => redirectListener(requirement, address)),
    ],
    clusters: [...sites, ...openNames].map((one) => cluster(clusterName(one, listen), one.content)),
  };
}

function clusterName(one: Site | OpenName, listen: readonly ListenAddress[]): string {
  return `postern_app_${'hostnames' in one ? siteWord(one, listen) : siteId({ hostnames: [one.hostname] }, listen)}`;
}

function socketAddress({ host, port }: ListenAddress): Yaml {
  return { socket_address: { address: host, port_value: port } };
}

function secureListener(requirement: OriginRequirement, address: ListenAddress): Yaml {
  return {
    name: `postern_https_${socketText(address)}`,
    address: socketAddress(address),
    per_connection_buffer_limit_bytes: 32_768,
    listener_filters: [
      {
        name: 'envoy.filters.listener.tls_inspector',
        typed_config: { '@type': `${TYPE}.filters.listener.tls_inspector.v3.TlsInspector` },
      },
    ],
    '#': 'One chain for each site, none without server_names: whoever names nobody, or somebody else, finds no chain',
    '#2': 'and is closed. A default_filter_chain, or a chain without server_names, would be a second door.',
    filter_chains: [
      ...requirement.sites.map((site) => chain(requirement, site, site.hostnames)),
      ...requirement.openNames.map((open) => chain(requirement, open, [open.hostname])),
    ],
  };
}

function chain(requirement: OriginRequirement, one: Site | OpenName, hostnames: readonly string[]): Yaml {
  return {
    filter_chain_match: { server_names: hostnames },
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': `${TYPE}.transport_sockets.tls.v3.DownstreamTlsContext`,
        ...('trust' in one
          ? {
              '#': 'THE LOCK. Both are needed: a validation_context alone verifies only those who show a certificate.',
              require_client_certificate: true,
            }
          : { '#': 'OPEN to everybody, as asked for.' }),
        require_sni: true,
        '#2': 'A resumed session is not verified again in every case: without sessions, revocation bites at once.',
        disable_stateless_session_resumption: true,
        disable_stateful_session_resumption: true,
        common_tls_context: commonTls(one),
      },
    },
    filters: [connectionManager(requirement, one, hostnames)],
  };
}

function commonTls(one: Site | OpenName): Yaml {
  return {
    alpn_protocols: ['h2', 'http/1.1'],
    tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
    tls_certificates: [{ certificate_chain: { filename: one.serverCert }, private_key: { filename: one.serverKey } }],
    ...('trust' in one ? { validation_context: validation(one) } : {}),
  };
}

function validation({ trust, crl }: Site): Yaml {
  return {
    trusted_ca: { filename: trust.bundle },
    ...(trust.kind === 'zone' ? {} : { verify_certificate_hash: trust.pins.map(({ derSha256 }) => derSha256) }),
    ...(crl === null ? {} : { crl: { filename: crl } }),
  };
}

function connectionManager(
  { listen, sites }: OriginRequirement,
  one: Site | OpenName,
  hostnames: readonly string[],
): Yaml {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: clusterName(one, listen),
      '#': 'X-Forwarded-Client-Cert of a caller is dropped; what the application gets is what Envoy saw itself.',
      forward_client_cert_details: 'SANITIZE_SET',
      set_current_client_cert_details: { subject: true, uri: true },
      '#2': 'What the edge says of the visitor is passed on as it comes; x-envoy-* of a caller is not believed.',
      use_remote_address: true,
      skip_xff_append: true,
      xff_num_trusted_hops: 1,
      common_http_protocol_options: { headers_with_underscores_action: 'DROP_HEADER' },
      normalize_path: false,
      strip_trailing_host_dot: true,
      upgrade_configs: [{ upgrade_type: 'websocket' }],
      route_config: {
        ignore_port_in_host_matching: true,
        virtual_hosts: [
          {
            name: 'site',
            domains: hostnames,
            request_headers_to_remove: ['proxy'],
            request_headers_to_add: verdicts(sites, one).map(([key, value]) => ({
              header: { key, value },
              append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
            })),
            routes: [{ match: { prefix: '/' }, route: { cluster: clusterName(one, listen), timeout: '0s' } }],
          },
          nobody('The right name in the handshake with another one in Host ends here.'),
        ],
      },
      http_filters: [
        {
          name: 'envoy.filters.http.router',
          typed_config: { '@type': `${TYPE}.filters.http.router.v3.Router` },
        },
      ],
    },
  };
}

/** Only a caller with the right certificate gets as far as a locked site; an open name verifies nobody. */
function verdicts(sites: readonly Site[], one: Site | OpenName): readonly (readonly [name: string, value: string])[] {
  if ('trust' in one) return [[one.verifiedHeader, 'SUCCESS']];
  return [...new Set(sites.map(({ verifiedHeader }) => verifiedHeader))].map((name) => [name, 'NONE'] as const);
}

function nobody(why: string): Yaml {
  return {
    '#': why,
    name: 'nobody',
    domains: ['*'],
    routes: [{ match: { prefix: '/' }, direct_response: { status: 421 } }],
  };
}

function redirectListener({ sites, openNames, listen }: OriginRequirement, address: ListenAddress): Yaml {
  const names = [...sites.flatMap(({ hostnames }) => hostnames), ...openNames.map(({ hostname }) => hostname)];
  return {
    name: `postern_http_${socketText(address)}`,
    address: socketAddress(address),
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type': `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
              stat_prefix: 'postern_redirect',
              route_config: {
                ignore_port_in_host_matching: true,
                virtual_hosts: [
                  {
                    '#': 'Plain HTTP carries no client certificate: it redirects and does nothing else.',
                    name: 'redirect',
                    domains: names,
                    routes: [
                      { match: { prefix: '/' }, redirect: { https_redirect: true, port_redirect: listen[0].port } },
                    ],
                  },
                  nobody('Every other name.'),
                ],
              },
              http_filters: [
                {
                  name: 'envoy.filters.http.router',
                  typed_config: { '@type': `${TYPE}.filters.http.router.v3.Router` },
                },
              ],
            },
          },
        ],
      },
    ],
  };
}

function cluster(name: string, content: Content): Yaml {
  const address: Yaml =
    content.kind === 'proxy'
      ? { socket_address: { address: content.host.replace(/^\[|\]$/g, ''), port_value: content.port } }
      : { pipe: { path: content.kind === 'socket' ? content.path : content.root } };
  return {
    name,
    type: content.kind === 'proxy' ? 'STRICT_DNS' : 'STATIC',
    connect_timeout: '5s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  };
}
