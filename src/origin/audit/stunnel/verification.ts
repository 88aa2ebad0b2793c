import type { StunnelOption, StunnelService } from '../../server/stunnel/syntax.ts';

/** What a service does with certificates, as its options leave it one after the other. */
export interface Verification {
  readonly requests: boolean;
  readonly requires: boolean;
  readonly chain: boolean;
  /** Only certificates that are in the file pass. */
  readonly peer: boolean;
  /** The option that decided last. */
  readonly by: StunnelOption | null;
}

/** Reads the options in their order, for a later one changes what an earlier one implied. */
export function verificationOf({ options }: StunnelService): Verification {
  let now: Verification = { requests: false, requires: false, chain: false, peer: false, by: null };
  for (const option of options) now = { ...now, ...changed(option) };
  return now;
}

function changed(option: StunnelOption): Partial<Verification> {
  const { name, value } = option;
  const isOn = value.toLowerCase() === 'yes';
  switch (name) {
    case 'verify':
      return byLevel(option);
    case 'verifychain':
      return isOn ? { requests: true, requires: true, chain: true, by: option } : { chain: false, by: option };
    case 'verifypeer':
      return isOn ? { requests: true, requires: true, peer: true, by: option } : { peer: false, by: option };
    case 'requirecert':
      return isOn ? { requests: true, requires: true, by: option } : { requires: false, by: option };
    default:
      return {};
  }
}

// The older way: 0 looks at nothing, 1 verifies what is shown, 2 wants one, 3 wants one that is in the file, 4 only that.
function byLevel(option: StunnelOption): Partial<Verification> {
  const level = Number(option.value);
  if (!Number.isInteger(level) || level < 0 || level > 4) return {};
  return { requests: true, requires: level >= 2, chain: level >= 1 && level <= 3, peer: level >= 3, by: option };
}
