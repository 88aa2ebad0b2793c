/** What the set-up has to know of a server that origins run. */
interface Server {
  readonly value: string;
  readonly text: string;
  /** Whether it can ask for a certificate and refuse nobody. */
  readonly watches: boolean;
  /** Whether a part can be included into a configuration that is there. */
  readonly hasParts: boolean;
}

const SERVERS: readonly Server[] = [
  { value: 'nginx', text: 'nginx', watches: true, hasParts: true },
  { value: 'apache', text: 'Apache httpd', watches: true, hasParts: true },
  { value: 'caddy', text: 'Caddy', watches: true, hasParts: true },
  { value: 'haproxy', text: 'HAProxy', watches: true, hasParts: true },
  { value: 'lighttpd', text: 'lighttpd', watches: true, hasParts: false },
  { value: 'node', text: 'Node.js', watches: true, hasParts: false },
  { value: 'stunnel', text: 'stunnel', watches: false, hasParts: false },
  { value: 'envoy', text: 'Envoy', watches: false, hasParts: false },
  { value: 'traefik', text: 'Traefik', watches: false, hasParts: false },
  { value: 'ingress-nginx', text: 'Kubernetes: ingress-nginx', watches: false, hasParts: false },
  { value: 'gateway-api', text: 'Kubernetes: Gateway API', watches: false, hasParts: false },
  { value: 'aws-alb', text: 'AWS Application Load Balancer', watches: false, hasParts: false },
];

export const SERVER_OPTIONS = [
  { value: '', text: 'Choose one' },
  ...SERVERS.map(({ value, text }) => ({ value, text })),
];

export function serverOf(value: string | undefined): Server | null {
  return SERVERS.find((server) => server.value === value) ?? null;
}
