import { hostnamePattern } from '../domain/ids.ts';
import type { CertificateRequest, ContentRequest } from '../origin/site.ts';
import { Failure } from './failure.ts';
import { absolute } from './flag-value.ts';

/** The flags that say what the names of an origin are and what is behind them. */
export interface NameFlags {
  readonly hostname: readonly string[];
  readonly openName?: readonly string[];
  readonly upstream?: string;
  readonly root?: string;
  readonly serverCert?: readonly string[];
  readonly serverKey?: readonly string[];
}

/** A name with its content and the files of its certificate, where it has its own. */
export interface NamedContent extends ContentRequest, CertificateRequest {
  readonly name: string;
}

/** The names that `--hostname` gives, or `--open-name`. */
export function namedContents(flags: NameFlags, texts: readonly string[]): readonly NamedContent[] {
  const certificates = certificatesByName(flags);
  return texts.map((text) => {
    const [name = '', own] = halves(text);
    const content = own === undefined ? { upstream: flags.upstream, root: absolute(flags.root) } : contentOf(own);
    return { name, ...content, ...certificates.get(nameKey(name)) };
  });
}

/** The certificate of all names that have none of their own. */
export function commonCertificate({ serverCert, serverKey }: NameFlags): CertificateRequest {
  return { serverCert: common('--server-cert', serverCert), serverKey: common('--server-key', serverKey) };
}

function common(flag: string, values: readonly string[] = []): string | undefined {
  const [first, second] = values.filter((value) => ownName(value) === null);
  if (second !== undefined)
    throw new Failure(`${flag} is given twice for all names.`, 'Write NAME=FILE where the file is for one name.');
  return absolute(first);
}

function certificatesByName(flags: NameFlags): ReadonlyMap<string, CertificateRequest> {
  const known = new Set([...flags.hostname, ...(flags.openName ?? [])].map((text) => nameKey(halves(text)[0] ?? '')));
  const found = new Map<string, CertificateRequest>();
  for (const [flag, field, values] of [
    ['--server-cert', 'serverCert', flags.serverCert],
    ['--server-key', 'serverKey', flags.serverKey],
  ] as const) {
    for (const value of values ?? []) {
      const name = ownName(value);
      if (name === null) continue;
      if (!known.has(name))
        throw new Failure(`${flag} ${JSON.stringify(value)} is for no name given.`, 'Give the name with --hostname.');
      found.set(name, { ...found.get(name), [field]: absolute(halves(value)[1]) });
    }
  }
  return found;
}

// NAME=FILE, unless what stands in front is part of a path.
function ownName(value: string): string | null {
  const [name = '', file] = halves(value);
  return file === undefined || /[/\\]/.test(name) ? null : hostnamePattern(name);
}

function contentOf(text: string): ContentRequest {
  return text.startsWith('/') ? { root: text } : { upstream: text };
}

function halves(text: string): readonly string[] {
  const at = text.indexOf('=');
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function nameKey(name: string): string {
  return hostnamePattern(name) ?? name;
}
