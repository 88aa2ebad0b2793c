import { shellCommand } from '../doctor/report/shell-word.ts';
import type { Proof } from '../origin/install/prove.ts';

/** Where the zone of a lock is kept, for what is to be done there. */
export interface ZonePlace {
  readonly zone: string;
  /** Its id, and the address of its control plane; `null` where nobody was asked. */
  readonly id: string | null;
  readonly api: string | null;
  readonly apiCa: string | undefined;
}

/** What to do where the edge did not get in, line by line: the first says what, the others where. */
export function edgeFix(wrong: readonly Proof[], place: ZonePlace): readonly string[] {
  const saw = (text: string) => wrong.some((proof) => proof.saw.includes(text));
  if (saw('not reachable') || saw('nothing came back')) return ['Say where the edge answers: --through HOST:PORT.'];
  if (saw('without a certificate')) return [`Switch the origin pull of the zone on: ${commandAt(place, 'aop', 'on')}`];
  if (saw(UNTRUSTED)) return untrusted(wrong.find((proof) => proof.saw.includes(UNTRUSTED))?.name, place);
  if (saw('SUCCESS') || saw('this server says'))
    return ['The edge shows a certificate of another zone, or an old one.'];
  return [
    'A proxied record of the name must lead to this server:',
    `  ${commandAt(place, 'records', 'list')}`,
    `  ${commandAt(place, 'aop', 'status')}`,
  ];
}

const UNTRUSTED = 'answered 526';

// A CA is trusted where somebody compares it, so not by a command of this machine.
function untrusted(name: string | undefined, place: ZonePlace): readonly string[] {
  const page =
    place.api === null || place.id === null
      ? 'SSL/TLS, Origin Server'
      : `${place.api}/dashboard/zones/${place.id}/ssl/origin-server`;
  return [
    "The edge does not trust this server's certificate: its CA goes into the trust store of the zone.",
    `  In the dashboard: step 3 of the set-up, or ${page}`,
    ...(name === undefined ? [] : [`  Which CA that is: ${commandAt(place, 'records', 'certificate', name)}`]),
  ];
}

function commandAt({ zone, api, apiCa }: ZonePlace, ...words: readonly string[]): string {
  const asking = [
    ...(api === null ? [] : ['--api', api]),
    ...(api === null || apiCa === undefined ? [] : ['--api-ca', apiCa]),
  ];
  return shellCommand(['postern', ...words, '--zone', zone, ...asking]);
}
