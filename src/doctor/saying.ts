import type { SecureContext } from 'node:tls';
import type { Knock } from './knock-request.ts';
import type { NameKind, Probe } from './probe.ts';
import { connectText, type Target } from './target.ts';

/** What is the same for all probes of an examination. */
export interface Said {
  /** Value of User-Agent: the doctor announces itself. */
  readonly agent: string;
  /** Spellings of the header by which an application is told that all is well; none to forge none. */
  readonly verifiedHeaders: readonly string[];
  readonly timeout: number;
}

/** What is used for this one. */
interface Equipment {
  readonly context: SecureContext | null;
  readonly session: Buffer | null;
}

// RFC 6761 §6.4: no site has such a name.
const UNKNOWN = 'postern-doctor.invalid';
const FORGED = { success: 'SUCCESS', failure: 'FAILED' } as const;
/** By which applications that send everybody to HTTPS know that a proxy has done so already. */
export const FORWARDED = 'X-Forwarded-Proto: https';

/** A probe as it is said on the wire. */
export function knockFor(probe: Probe, said: Said, { context, session }: Equipment): Knock {
  const { target, tls, protocol, path, spelling } = probe;
  return {
    address: target.address,
    port: target.port,
    serverName: serverNameOf(probe),
    host: hostOf(probe),
    ...(spelling === 'absolute_form' ? { targetAuthority: target.host } : {}),
    ...(tls === null ? { plain: true } : { tlsVersion: tls }),
    protocol,
    path,
    credential: null,
    ...(context === null ? {} : { context }),
    ...(session === null ? {} : { session }),
    listens: listens(probe),
    headers: [`User-Agent: ${said.agent}`, 'Accept: */*', ...forged(probe, said)],
    verifiedHeaders: said.verifiedHeaders,
    timeout: said.timeout,
  };
}

/** Hearing what is asked for costs time: once for each version, and for each name that may lead elsewhere. */
function listens({ tls, credential, resumes, host, sni, protocol, forges, spelling }: Probe): boolean {
  if (tls === null || credential !== 'none' || resumes !== null || protocol !== 'http/1.1') return false;
  if (forges !== null || spelling !== 'plain') return false;
  return sni === 'locked' || sni === 'other' ? host === sni : sni !== 'address' && host === 'locked';
}

function serverNameOf(probe: Probe): string | null {
  const { target, sni, spelling } = probe;
  const name = sni === 'locked' ? (target.serverName ?? target.host) : nameOf(sni, probe);
  return spelling === 'shouted' ? (name?.toUpperCase() ?? null) : name;
}

function nameOf(kind: NameKind, { target, otherName }: Probe): string | null {
  switch (kind) {
    case 'locked':
      return target.host;
    case 'other':
      return otherName;
    case 'unknown':
      return UNKNOWN;
    case 'address':
      return target.address;
    case 'none':
      return null;
  }
}

function hostOf(probe: Probe): string | null {
  const { target, host, tls } = probe;
  if (host === 'address') return hostText(target, tls === null ? 80 : 443);
  const name = nameOf(host, probe);
  return name === null ? null : spelled(name, probe);
}

function spelled(name: string, { spelling, target }: Probe): string {
  switch (spelling) {
    case 'upper_case':
      return name.toUpperCase();
    case 'trailing_dot':
      return `${name}.`;
    case 'with_port':
      return `${name}:${target.port}`;
    case 'plain':
    case 'absolute_form':
    case 'shouted':
      return name;
  }
}

function hostText(target: Target, usual: number): string {
  const whole = connectText(target);
  return target.port === usual ? whole.slice(0, whole.lastIndexOf(':')) : whole;
}

function forged({ forges }: Probe, { verifiedHeaders }: Said): readonly string[] {
  if (forges === null) return [];
  return forges === 'https' ? [FORWARDED] : verifiedHeaders.map((name) => `${name}: ${FORGED[forges]}`);
}
