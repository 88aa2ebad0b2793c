import type { OriginRequirement } from '../requirement.ts';
import type { Site } from '../site.ts';
import { foldedSpellings } from '../verified-header.ts';
import { clusterService } from './cluster-service.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs } from './lines.ts';
import { NOT_RUN } from './not-run.ts';
import { objectName } from './object-name.ts';
import { type Yaml, yamlLines } from './yaml-lines.ts';

const API = 'gateway.networking.k8s.io/v1';
// The most that a RequestHeaderModifier takes of each kind.
const MOST_REMOVED = 16;

/** A Gateway and its routes: a whole file for `kubectl apply -f`. */
export function gatewayApiConfiguration(requirement: OriginRequirement): string {
  const { sites, listenHttp } = requirement;
  const objects = [
    gateway(requirement),
    ...sites.map((site) => route(requirement, site)),
    ...(listenHttp.length === 0 ? [] : [redirectRoute(requirement)]),
  ];
  return fileText(
    paragraphs(
      heading('gateway-api', requirement),
      companions(requirement).map((line) => `# ${line}`),
      objects.flatMap((object, index) => [...(index === 0 ? [] : ['---']), ...yamlLines(object)]),
    ),
  );
}

/** What is to be said of the Gateway API alone. */
export function gatewayApiNotes({ sites }: OriginRequirement): readonly string[] {
  return [
    NOT_RUN,
    'Write the name of your GatewayClass in place of YOUR-CLASS, and look in its status whether it supports GatewayFrontendClientCertificateValidation: one that does not leaves the door open.',
    'The field is in the standard channel from v1.5 of the Gateway API on; before, it was experimental and stood elsewhere.',
    'Validation belongs to a port of the Gateway, so all names on it share one lock. Other Gateways, and ports of this one without it, have none.',
    'Still open: every NodePort or LoadBalancer of the service itself, and routes of other namespaces where allowedRoutes is widened. Make the service ClusterIP, and let a NetworkPolicy admit only the gateway.',
    'The Gateway API has no setting for sessions: a resumed one may not be verified again. Ask the documentation of your implementation.',
    ...(sites.some(({ verifiedHeader }) => foldedSpellings(verifiedHeader).length > MOST_REMOVED)
      ? [
          `A route removes at most ${MOST_REMOVED} headers: not every spelling of the verified header is removed. Take a name with fewer hyphens.`,
        ]
      : []),
  ];
}

function companions({ sites, listen }: OriginRequirement): Lines {
  const [first] = sites;
  const { namespace } = clusterService(first.content) ?? { namespace: 'default' };
  const apply = '--dry-run=client -o yaml | kubectl apply -f -';
  return [
    'The objects that it names; again after each change of a file:',
    `kubectl -n ${namespace} create configmap ${gatewayName(sites, listen)}-ca --from-file=ca.crt="${first.trust.bundle}" ${apply}`,
    ...sites.map(
      ({ hostnames, serverCert, serverKey }) =>
        `kubectl -n ${namespace} create secret tls ${objectName(hostnames, listen)}-tls --cert="${serverCert}" --key="${serverKey}" ${apply}`,
    ),
  ];
}

function gatewayName([first]: OriginRequirement['sites'], listen: OriginRequirement['listen']): string {
  return objectName(first.hostnames, listen);
}

function metadata(name: string, site: Site): Yaml {
  return { name, namespace: clusterService(site.content)?.namespace ?? 'default' };
}

function gateway({ sites, listen, listenHttp }: OriginRequirement): Yaml {
  const name = gatewayName(sites, listen);
  const ports = [...new Set(listen.map(({ port }) => port))];
  const plain = [...new Set(listenHttp.map(({ port }) => port))];
  const own = { namespaces: { from: 'Same' } };
  return {
    apiVersion: API,
    kind: 'Gateway',
    metadata: metadata(name, sites[0]),
    spec: {
      gatewayClassName: 'YOUR-CLASS',
      tls: {
        frontend: {
          default: {
            '#': 'THE LOCK, for every HTTPS listener of this Gateway. AllowInsecureFallback would let everybody in.',
            validation: {
              mode: 'AllowValidOnly',
              caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: `${name}-ca` }],
            },
          },
        },
      },
      listeners: [
        ...ports.flatMap((port) =>
          sites.flatMap((site, siteIndex) =>
            site.hostnames.map((hostname, index) => ({
              name: listenerName(port, siteIndex, index),
              protocol: 'HTTPS',
              port,
              hostname,
              tls: {
                mode: 'Terminate',
                certificateRefs: [{ group: '', kind: 'Secret', name: `${objectName(site.hostnames, listen)}-tls` }],
              },
              allowedRoutes: own,
            })),
          ),
        ),
        ...plain.map((port) => ({ name: `http-${port}`, protocol: 'HTTP', port, allowedRoutes: own })),
      ],
    },
  };
}

function listenerName(port: number, site: number, name: number): string {
  return `https-${port}-${site + 1}-${name + 1}`;
}

function route({ sites, listen }: OriginRequirement, site: Site): Yaml {
  const service = clusterService(site.content) ?? { name: '', port: 0 };
  const ports = [...new Set(listen.map(({ port }) => port))];
  const siteIndex = sites.indexOf(site);
  return {
    apiVersion: API,
    kind: 'HTTPRoute',
    metadata: metadata(objectName(site.hostnames, listen), site),
    spec: {
      '#': 'Only to the listeners with the lock: a route without sectionName would hang on the plain ones too.',
      parentRefs: ports.flatMap((port) =>
        site.hostnames.map((_hostname, index) => ({
          name: gatewayName(sites, listen),
          sectionName: listenerName(port, siteIndex, index),
        })),
      ),
      hostnames: site.hostnames,
      rules: [
        {
          filters: [
            {
              type: 'RequestHeaderModifier',
              requestHeaderModifier: {
                set: [{ name: site.verifiedHeader, value: 'SUCCESS' }],
                remove: ['Proxy', ...foldedSpellings(site.verifiedHeader)].slice(0, MOST_REMOVED),
              },
            },
          ],
          backendRefs: [{ name: service.name, port: service.port }],
        },
      ],
    },
  };
}

function redirectRoute({ sites, listen, listenHttp }: OriginRequirement): Yaml {
  const name = gatewayName(sites, listen);
  const ports = [...new Set(listenHttp.map(({ port }) => port))];
  return {
    apiVersion: API,
    kind: 'HTTPRoute',
    metadata: metadata(`${name}-http`, sites[0]),
    spec: {
      '#': 'Plain HTTP carries no client certificate: it redirects and does nothing else.',
      parentRefs: ports.map((port) => ({ name, sectionName: `http-${port}` })),
      hostnames: sites.flatMap(({ hostnames }) => hostnames),
      rules: [
        {
          filters: [
            {
              type: 'RequestRedirect',
              requestRedirect: { scheme: 'https', port: listen[0].port, statusCode: 301 },
            },
          ],
        },
      ],
    },
  };
}
