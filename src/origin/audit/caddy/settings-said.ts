import type { Said } from '../said.ts';
import { type CaddyServer, everyRoute, expressionsIn, type Policy } from './model.ts';

/** What is said of a locked site beside who gets in. */
export function settingsSaid(server: CaddyServer, policy: Policy): readonly Said[] {
  return [...versions(policy), ...loosePins(server)];
}

function versions({ minimum, maximum, place }: Policy): readonly Said[] {
  const detail = [minimum, maximum].filter((one) => one !== null).join(' ');
  return minimum === 'tls1.3' || maximum === 'tls1.2' ? [{ code: 'tls_version', where: place, detail }] : [];
}

// A part of a name also stands in names that somebody else may have.
const LOOSE =
  /tls[._]client[._](?:subject|issuer|san)[\w.]*\}?\s*\.\s*(?:contains|startsWith|endsWith|matches)\(\s*["'`]([^"'`]*)/;

function loosePins({ routes }: CaddyServer): readonly Said[] {
  return [...everyRoute(routes)].flatMap(({ sets, place }) =>
    expressionsIn(sets)
      .filter((text) => {
        const argument = LOOSE.exec(text)?.[1];
        return argument !== undefined && !/^\^.*\$$/.test(argument);
      })
      .map((text) => ({ code: 'loose_pin' as const, where: place, detail: text.slice(0, 200) })),
  );
}
