/** What a hostname's origin must trust, as the control plane says it. */
export interface HostnameTrust {
  readonly zone: string;
  /** The hostname, and the names that the edge sends as SNI in its stead. */
  readonly names: readonly string[];
  readonly kind: 'zone' | 'shared';
  /** The bundle. */
  readonly text: string;
  /** PEM of the certificate that the edge presents, for pinning. */
  readonly pins: readonly string[];
  /** What the edge does with a visit over https. */
  readonly https: TrustPlan['https'];
  /** What a person should know. */
  readonly messages: readonly string[];
}

/** What is read of the plan of a hostname. */
export interface TrustPlan {
  readonly zone: { readonly id: string; readonly name: string };
  readonly accept_shared: boolean;
  readonly why: string;
  /** What the edge does with a visit over https. */
  readonly https: { readonly kind: string; readonly because?: string; readonly sentence: string };
  readonly certificate: { readonly pem: string } | null;
  readonly server_names: readonly string[];
  readonly notices: readonly { readonly message: string }[];
}

/** Whom the origin of a hostname must trust, where the edge shows it a certificate of `bundle`. */
export function hostnameTrust(name: string, plan: TrustPlan, bundle: string): HostnameTrust {
  const { kind } = plan.https;
  return {
    zone: plan.zone.name,
    names: [...new Set([name, ...plan.server_names])],
    kind: plan.accept_shared ? 'shared' : 'zone',
    text: bundle,
    pins: plan.certificate === null ? [] : [plan.certificate.pem],
    https: plan.https,
    // Why it is as it is says something only where it is not as it should be.
    messages: [
      ...effect(plan.https),
      ...(kind === 'present' ? [] : [plan.why]),
      ...plan.notices.map(({ message }) => message),
    ],
  };
}

/** What a person should know, each time with the names that it is about: what holds for all of several goes without. */
export function saidOfNames(
  names: readonly string[],
  asked: readonly Pick<HostnameTrust, 'messages'>[],
): readonly string[] {
  return [...new Set(asked.flatMap(({ messages }) => messages))].map((message) => {
    const about = names.filter((_, index) => asked[index]?.messages.includes(message));
    return about.length === names.length && names.length > 1 ? message : `${about.join(', ')}: ${message}`;
  });
}

/** Why a hostname without a bundle cannot be locked, and what to do. */
export const VETOED = {
  text: 'is vetoed: the edge shows it no certificate, so a lock would keep the edge out',
  fix: 'Void the association of the hostname first (enabled: null).',
} as const;

/** What is to be said of a lock for a name that nobody is led to: a typing error, or a record that is still to come. */
export function effect(https: TrustPlan['https']): readonly string[] {
  switch (https.kind) {
    case 'present':
    case 'without':
      return [];
    case 'not_served':
      return [`No proxied record leads here yet: ${https.sentence}`];
    default:
      return [`The edge does not pull over TLS here yet: ${https.sentence}`];
  }
}
