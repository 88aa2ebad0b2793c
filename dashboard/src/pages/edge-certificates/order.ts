import type { EdgeCertificate } from './edge-certificate.ts';

/** The order in which certificates are preferred, and what another one changes for visitors. */

/** A certificate goes one place up (-1) or down (1); `null` where it cannot: at an end, or before one of another type. */
export function moved(all: readonly EdgeCertificate[], index: number, by: -1 | 1): readonly EdgeCertificate[] | null {
  const [one, other] = [all[index], all[index + by]];
  // Those of type legacy_custom come first whatever their numbers say.
  if (one === undefined || other === undefined || one.type !== other.type) return null;
  const next = [...all];
  next[index] = other;
  next[index + by] = one;
  return next;
}

/** What the API is told, so that they stand in this order and before those that are not among them. */
export function priorities(
  all: readonly EdgeCertificate[],
  isWhole: boolean,
): readonly { readonly id: string; readonly priority: number }[] {
  const least = isWhole ? 0 : beyond(all) - 1;
  return all.map(({ id }, index) => ({ id, priority: least + all.length - index }));
}

/** The number that puts another certificate before all of these. */
export function beyond(all: readonly EdgeCertificate[]): number {
  return Math.max(0, ...all.map(({ priority }) => priority)) + 1;
}

/** Certificates in an order that somebody chose before; what has come since stands where it stood. */
export function ordered(all: readonly EdgeCertificate[], ids: readonly string[]): readonly EdgeCertificate[] {
  const chosen = ids.flatMap((id) => all.find((one) => one.id === id) ?? []);
  const isSame = chosen.length === all.length && chosen.every(({ type }, index) => type === all[index]?.type);
  return isSame ? chosen : all;
}

/** A name of which visitors would be shown another certificate. */
export interface Change {
  readonly host: string;
  readonly to: EdgeCertificate;
}

/** For which names another certificate is shown, once the order is this one. */
export function changes(before: readonly EdgeCertificate[], after: readonly EdgeCertificate[]): readonly Change[] {
  const hosts = [...new Set(before.flatMap((one) => one.hosts))].toSorted();
  return hosts.flatMap((host) => {
    const [was, to] = [shownFor(before, host), shownFor(after, host)];
    return to === undefined || to.id === was?.id ? [] : [{ host, to }];
  });
}

function shownFor(all: readonly EdgeCertificate[], host: string): EdgeCertificate | undefined {
  return all.find(({ status, hosts }) => status !== 'expired' && hosts.some((name) => covers(name, host)));
}

// A wildcard stands for one label (RFC 9525 §6.3).
function covers(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && !host.startsWith('*.') && host.replace(/^[^.]+/, '*') === name);
}
