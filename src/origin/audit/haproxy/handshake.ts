import type { Caller, Fate } from '../caller.ts';
import type { Said } from '../said.ts';
import type { BindSettings, Met } from './binds.ts';
import type { Session } from './sample.ts';

export type Verify = 'none' | 'optional' | 'required';

/** How a bind asks, with the settings that a handshake met. */
export function verifyOf(settings: BindSettings): Verify {
  const said = settings.get('verify');
  return said === 'required' || said === 'optional' ? said : 'none';
}

/** Whether certificates of nobody's making are let through the handshake. */
export function ignoresErrors(settings: BindSettings): boolean {
  const ignored = settings.get('crt-ignore-err') ?? '';
  // 18–21: self-signed, or of an issuer that is not known.
  return /(?:^|,)(?:all|18|19|20|21|X509_V_ERR_(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+))(?:,|$)/.test(
    ignored,
  );
}

const REFUSED: Fate = { kind: 'refused', because: null };

/** The session of a caller with what its handshake met, or why there is none. */
export function handshake(met: Met | null, meant: Met | null, caller: Caller, keepsOut: Said | null): Session | Fate {
  if (met === null) return REFUSED;
  const verify = verifyOf(met.settings);
  const resumed = caller.resumes !== null;
  const without: Session = { shown: 'nothing', verify: '0', resumed };
  // A session that was made under an open name says nothing of its caller.
  if (caller.resumes === 'other') return without;
  if (verify === 'none') return without;
  switch (caller.shows) {
    case 'nothing':
      return verify === 'required' ? REFUSED : without;
    case 'right':
    case 'look_alike':
      if (keepsOut !== null) return { kind: 'refused', because: caller.shows === 'right' ? keepsOut : null };
      return { shown: caller.shows, verify: '0', resumed };
    case 'other_authority':
      if (met.settings.get('ca-file') !== meant?.settings.get('ca-file'))
        return { shown: 'other_authority', verify: '0', resumed };
      return stranger(met.settings, resumed);
    case 'self_made':
      return stranger(met.settings, resumed);
  }
}

function stranger(settings: BindSettings, resumed: boolean): Session | Fate {
  return ignoresErrors(settings) ? { shown: 'self_made', verify: '18', resumed } : REFUSED;
}
