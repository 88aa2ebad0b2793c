import type { OriginRequirement } from '../requirement.ts';
import type { OpenName, Site } from '../site.ts';
import { clusterService } from './cluster-service.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs } from './lines.ts';
import { objectName } from './object-name.ts';
import { NOT_RUN } from './not-run.ts';
import { type Yaml, yamlLines } from './yaml-lines.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';

/** Ingress objects for ingress-nginx: a whole file for `kubectl apply -f`. */
export function ingressNginxConfiguration(requirement: OriginRequirement): string {
  const all = [...requirement.sites, ...requirement.openNames];
  return fileText(
    paragraphs(
      heading('ingress-nginx', requirement),
      secrets(requirement).map((line) => `# ${line}`),
      all.flatMap((one, index) => [...(index === 0 ? [] : ['---']), ...yamlLines(ingress(requirement, one))]),
    ),
  );
}

/** What is to be said of ingress-nginx alone. */
export function ingressNginxNotes({ sites: [site] }: OriginRequirement): readonly string[] {
  return [
    NOT_RUN,
    'ingress-nginx is no longer maintained (its maintenance ended in March 2026): plan to leave it for a Gateway.',
    'The lock is per host, not per path: put the same annotations on every Ingress of these hosts, for the first one wins.',
    'In the controller\'s ConfigMap set ssl-reject-handshake: "true" (unknown and missing names), ssl-session-cache: "false" and ssl-session-tickets: "false" (a resumed session is not verified again).',
    'Still open: the default backend, port 80 (it redirects), and every NodePort or LoadBalancer of the service itself. Make the service ClusterIP, and let a NetworkPolicy admit only the controller.',
    `The application gets ssl-client-verify from the controller (SUCCESS for these hosts). ${site.verifiedHeader} is neither set nor removed: that needs snippets, which are off for good reason.`,
    `The controller hands Upgrade on as it comes, h2c too: the application must switch to WebSocket and to nothing else. Where it has no WebSocket, add the annotation ${PREFIX}/connection-proxy-header: "keep-alive"; then no switch is asked of it.`,
    '--listen and --listen-http have no effect: the controller decides.',
  ];
}

function secrets({ sites, openNames, listen }: OriginRequirement): Lines {
  const apply = '--dry-run=client -o yaml | kubectl apply -f -';
  return [
    'The secrets that it names; again after each change of a file:',
    ...sites.flatMap((site) => {
      const { namespace } = clusterService(site.content) ?? { namespace: 'default' };
      const name = objectName(site.hostnames, listen);
      const lists = site.crl === null ? '' : ` --from-file=ca.crl="${site.crl}"`;
      return [
        `kubectl -n ${namespace} create secret generic ${name}-ca --from-file=ca.crt="${site.trust.bundle}"${lists} ${apply}`,
        `kubectl -n ${namespace} create secret tls ${name}-tls --cert="${site.serverCert}" --key="${site.serverKey}" ${apply}`,
      ];
    }),
    ...openNames.map(({ hostname, content, serverCert, serverKey }) => {
      const { namespace } = clusterService(content) ?? { namespace: 'default' };
      const name = objectName([hostname], listen);
      return `kubectl -n ${namespace} create secret tls ${name}-tls --cert="${serverCert}" --key="${serverKey}" ${apply}`;
    }),
  ];
}

function ingress({ listen }: OriginRequirement, one: Site | OpenName): Yaml {
  const hostnames = 'hostnames' in one ? one.hostnames : ([one.hostname] as const);
  const name = objectName(hostnames, listen);
  const service = clusterService(one.content) ?? { name: '', namespace: 'default', port: 0 };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: service.namespace,
      annotations: {
        ...('trust' in one
          ? {
              '#': 'THE LOCK. Anything but "on" lets callers without a certificate in.',
              [`${PREFIX}/auth-tls-verify-client`]: 'on',
              [`${PREFIX}/auth-tls-secret`]: `${service.namespace}/${name}-ca`,
              '#2': 'Root, one intermediate, leaf. No auth-tls-error-page: it could lead to the application itself.',
              [`${PREFIX}/auth-tls-verify-depth`]: '1',
              [`${PREFIX}/auth-tls-pass-certificate-to-upstream`]: 'false',
            }
          : { '#': 'OPEN to everybody, as asked for.' }),
        '#3': 'Plain HTTP carries no client certificate: it redirects and does nothing else.',
        [`${PREFIX}/force-ssl-redirect`]: 'true',
        [`${PREFIX}/proxy-body-size`]: '0',
        [`${PREFIX}/proxy-request-buffering`]: 'off',
        [`${PREFIX}/proxy-buffering`]: 'off',
      },
    },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: hostnames, secretName: `${name}-tls` }],
      rules: hostnames.map((host) => ({
        host,
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: service.name, port: { number: service.port } } },
            },
          ],
        },
      })),
    },
  };
}
