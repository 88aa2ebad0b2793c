/** The servers that an origin can be configured for, in the order in which they are told. */
export const SERVER_NAMES = [
  'nginx',
  'apache',
  'haproxy',
  'caddy',
  'lighttpd',
  'stunnel',
  'node',
  'envoy',
  'traefik',
  'ingress-nginx',
  'gateway-api',
  'aws-alb',
] as const;

export type ServerName = (typeof SERVER_NAMES)[number];
