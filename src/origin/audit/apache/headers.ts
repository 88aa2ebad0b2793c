import type { ApacheEffective } from '../../server/apache/tree.ts';
import type { Said } from '../said.ts';
import { tellsOfCertificate } from '../telling-header.ts';
import type { ApacheSite } from './sites.ts';

/** Lines that tell the application of a certificate, and leave a caller's own word beside or in place of it. */
export function apacheHeaders({ level, above }: ApacheSite): readonly Said[] {
  const lines = [...above, ...level]
    .flatMap((one) => [one, ...(one.inner ?? [])])
    .filter(({ name }) => name === 'requestheader');
  const telling = lines.filter(isTelling);
  const names = new Set(telling.map(({ args }) => (args[1] ?? '').toLowerCase()));
  return [...names].flatMap((name) => {
    const own = lines.filter(({ args }) => (args[1] ?? '').toLowerCase() === name);
    const isCleared = own.some((one) => isUnconditional(one) && /^(?:set|unset)$/i.test(one.args[0] ?? ''));
    const [first] = telling.filter(({ args }) => (args[1] ?? '').toLowerCase() === name);
    if (isCleared || first === undefined) return [];
    const isConditional = /^set$/i.test(first.args[0] ?? '');
    const code = isConditional ? 'header_only_on_success' : 'header_passed';
    return [{ code, where: first.place, detail: first.args[1] ?? '' } satisfies Said];
  });
}

function isTelling({ args: [action = '', name = '', value = ''] }: ApacheEffective): boolean {
  if (!/^(?:set|setifempty|add|append|merge)$/i.test(action)) return false;
  return /SSL_CLIENT_/i.test(value) || tellsOfCertificate(name);
}

// `expr=` and `env=` stand behind the value.
function isUnconditional({ args }: ApacheEffective): boolean {
  return !args.slice(/^unset$/i.test(args[0] ?? '') ? 2 : 3).some((word) => /^(?:expr|env)=/i.test(word));
}
