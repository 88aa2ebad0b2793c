import type { CONTROL_FACTS } from '../control-facts.ts';
import type { Meaning } from './meaning.ts';

const ASKED = "Through the API of the control plane, with --api: it is the edge's own word.";

export const CONTROL_FACTS_MEANING: Readonly<Record<keyof typeof CONTROL_FACTS, Meaning>> = {
  mode_without_tls: {
    means: 'A certificate is presented in a TLS handshake, and there is none. A locked origin refuses every visitor.',
    seen: ASKED,
  },
  mode_unverified: {
    means: 'Somebody between edge and origin could stand in for the origin. It does not open the lock.',
    seen: ASKED,
  },
  dns_only: {
    means: "Visitors get the origin's address and have no certificate. A locked origin refuses all of them.",
    seen: ASKED,
  },
  hostname_switched_off: {
    means: 'The setting of a hostname beats that of the zone. The edge comes without a certificate and is refused.',
    seen: ASKED,
  },
  identity_ending: {
    means: 'Edges go on presenting a certificate that has ended, and origins refuse it on that day.',
    seen: ASKED,
  },
  identity_not_active: {
    means: 'Until it is, the edge presents another one or none, and a locked origin refuses it.',
    seen: ASKED,
  },
  plain_visitors: {
    means: 'What visitors send can be read and changed on its way to the edge. It does not open the lock.',
    seen: ASKED,
  },
  zone_unknown: {
    means: 'Nothing is known of what the edge does for this name.',
    seen: ASKED,
  },
};
