import { readCertificate } from '../../pki/read.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { knock } from '../knock.ts';
import { connectText } from '../target.ts';
import type { BareLook } from './facts.ts';

/** Where to look, and how. */
export interface BareAddress {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** Milliseconds. */
  readonly timeout: number;
}

const MOST_NAMES = 20;

/** Looks at an address as somebody does who knows nothing but it. */
export async function lookAtAddress({ address, port, path, timeout }: BareAddress): Promise<BareLook> {
  const host = address.includes(':') ? `[${address}]` : address;
  const { saw, shown } = await knock({
    address,
    port,
    host,
    path,
    timeout,
    headers: ['User-Agent: Postern-Doctor'],
    serverName: null,
    credential: null,
    // Only then it keeps what the server shows.
    listens: true,
  });
  return { connect: connectText({ address, port }), names: namesIn(shown[0]), saw };
}

function namesIn(der: Buffer | undefined): readonly string[] {
  if (der === undefined) return [];
  try {
    const { dnsNames, subject } = readCertificate(der);
    const common = /(?:^|, )CN=([^,]+)/.exec(subject)?.[1];
    return [...new Set([...dnsNames, ...(common === undefined ? [] : [common])])].slice(0, MOST_NAMES);
  } catch (error) {
    // A certificate that nobody can read names nobody.
    if (error instanceof PkiError) return [];
    throw error;
  }
}
