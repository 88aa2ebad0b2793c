import { createSecureContext, type SecureContext } from 'node:tls';
import { type Hostname, hostname, type ZoneId } from '../domain/ids.ts';
import type { Secret } from '../pki/secret.ts';

/** The certificates that the edge shows to visitors, found by the name they ask for. */
export interface VisitorContexts {
  readonly put: (zone: ZoneId, names: readonly string[], chain: string, key: Secret<string>) => void;
  readonly drop: (zone: ZoneId) => void;
  /** The context for a server name; `null` where no zone has it, and the handshake then fails without naming any. */
  readonly find: (serverName: string) => SecureContext | null;
}

interface Entry {
  readonly zone: ZoneId;
  readonly material: { readonly chain: string; readonly key: Secret<string> };
  context: SecureContext | null;
}

/** No certificates yet: every handshake fails until the control plane has sent some. */
export function createVisitorContexts(): VisitorContexts {
  const byName = new Map<string, Entry>();
  const namesOf = new Map<ZoneId, readonly string[]>();

  const drop = (zone: ZoneId): void => {
    for (const name of namesOf.get(zone) ?? []) if (byName.get(name)?.zone === zone) byName.delete(name);
    namesOf.delete(zone);
  };

  const entry = (name: Hostname): Entry | undefined => {
    const dot = name.indexOf('.');
    // RFC 6125 §6.4.3: a wildcard stands for exactly one label.
    return byName.get(name) ?? byName.get(`*${name.slice(dot)}`);
  };

  return {
    put: (zone, names, chain, key) => {
      drop(zone);
      const added: Entry = { zone, material: { chain, key }, context: null };
      for (const name of names) byName.set(name, added);
      namesOf.set(zone, names);
    },
    drop,
    find: (serverName) => {
      const name = hostname(serverName);
      const found = name === null ? undefined : entry(name);
      if (found === undefined) return null;
      found.context ??= createSecureContext({
        cert: found.material.chain,
        key: found.material.key.reveal(),
        minVersion: 'TLSv1.2',
      });
      return found.context;
    },
  };
}
