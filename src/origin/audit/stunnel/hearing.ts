import type { NotChecked } from '../../../doctor/configuration.ts';
import { optionOf } from '../../server/stunnel/services.ts';
import type { StunnelService } from '../../server/stunnel/syntax.ts';

/**
 * What the application behind a service can hear of its callers. stunnel speaks no HTTP, so there is no header whose setting
 * could be judged; what it can tell is an address, in front of the connection (PROXY protocol, version 1).
 */
export function hearingOf(service: StunnelService, text: string): readonly NotChecked[] {
  const of = text === '' ? 'the application' : `the application of ${text}`;
  return [
    {
      what: `whether ${of} believes a verified header`,
      why: "stunnel speaks no HTTP, so it sets no field and removes none: such a field is always the caller's own word",
    },
    addressHeard(service, of),
  ];
}

function addressHeard(service: StunnelService, of: string): NotChecked {
  if (optionOf(service, 'protocol')?.value.toLowerCase() === 'proxy')
    return {
      what: `whether only stunnel reaches ${of}`,
      why: "protocol = proxy tells a caller's address and nothing of its certificate, and whoever connects beside stunnel writes that line too",
    };
  return {
    what: `whether ${of} trusts connections from its own machine`,
    why:
      optionOf(service, 'transparent') === null
        ? "without protocol = proxy every caller comes from stunnel's own address"
        : "with transparent callers may come from their own address or from stunnel's, as the kernel is set",
  };
}
