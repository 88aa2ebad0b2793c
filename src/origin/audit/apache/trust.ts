import { isAbsolute, join } from 'node:path';
import type { Finding } from '../../../doctor/diagnosis/finding.ts';
import type { ApacheEffective } from '../../server/apache/tree.ts';
import { type AuditRequest, found } from '../audit-request.ts';
import type { Said } from '../said.ts';
import { isSystemBundle } from '../public-authorities.ts';
import { readTrust, type TrustNamed } from '../trust-reading.ts';
import { intermediatesIn, readTrustedFile, type TrustedFile } from '../trusted-file.ts';
import { tlsVersions, verifyMode } from './handshake.ts';
import { type ApacheSite, setting, settingValue } from './sites.ts';

/** What a site trusts and how long it remembers: what is wrong with it, and what keeps the edge itself out. */
export interface SiteTrust {
  readonly findings: readonly Finding[];
  readonly keepsOut: Said | null;
  readonly notRead: readonly string[];
}

/** Judges the TLS settings of a site that asks for certificates. */
export function apacheTrust(site: ApacheSite, request: AuditRequest, root: string, target: string): SiteTrust {
  const path = (one: ApacheEffective | undefined) =>
    one === undefined ? null : { path: absolute(one.args[0] ?? '', root), where: one.place };
  const authorities = path(setting(site, 'sslcacertificatefile'));
  const named: TrustNamed = {
    authorities,
    lists: listsOf(site, root),
    server: path(setting(site, 'sslcertificatefile')),
  };
  const reading = readTrust('apache', named, request, target);
  const directory = path(setting(site, 'sslcacertificatepath'));
  const make = ({ code, where, detail }: Said): Finding => found('apache', code, { where, detail, target });
  const out = [noAuthority(site, directory !== null), depthTooSmall(site, reading.file), listsMissing(site)].filter(
    (reason) => reason !== null,
  );
  return {
    findings: [
      ...reading.findings,
      ...[
        ...moreAuthorities(directory),
        ...announced(site, reading.file, request, root),
        ...unusedLists(site),
        ...versions(site),
        ...sessions(site),
      ].map(make),
      ...out.filter(({ code }) => code === 'depth_too_small').map(make),
    ],
    keepsOut: reading.keepsOut ?? out[0] ?? null,
    notRead: directory === null || isSystemBundle(directory.path) ? [] : [directory.path],
  };
}

/** A path as Apache takes it: from its root on. */
function absolute(path: string, root: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

function listsOf(site: ApacheSite, root: string): TrustNamed['lists'] {
  const file = setting(site, 'sslcarevocationfile');
  const check = settingValue(site, 'sslcarevocationcheck') ?? 'none';
  if (file === undefined || check === 'none') return null;
  const mayLack = setting(site, 'sslcarevocationcheck')?.args.includes('no_crl_for_cert_ok') === true;
  if (mayLack) return null;
  const wanted = check === 'leaf' ? 'of_the_issuer' : 'of_every_ca';
  return { path: absolute(file.args[0] ?? '', root), where: file.place, wanted };
}

function noAuthority(site: ApacheSite, hasDirectory: boolean): Said | null {
  const mode = verifyMode(site);
  if (setting(site, 'sslcacertificatefile') !== undefined || hasDirectory) return null;
  // Without verification there is nothing that an authority would be needed for.
  if (mode === 'none' || mode === 'optional_no_ca') return null;
  const where = setting(site, 'sslverifyclient')?.place ?? site.place;
  return { code: 'ca_file_missing', where, detail: 'no SSLCACertificateFile' };
}

// Apache counts every step above the leaf, where others count intermediates.
function depthTooSmall(site: ApacheSite, file: TrustedFile | null): Said | null {
  const line = setting(site, 'sslverifydepth');
  const depth = Number(line?.args[0] ?? 1);
  const needed = 1 + (file === null ? 0 : intermediatesIn(file));
  if (!Number.isInteger(depth) || depth >= needed) return null;
  const where = line?.place ?? setting(site, 'sslverifyclient')?.place ?? site.place;
  return { code: 'depth_too_small', where, detail: `${depth} of ${needed} steps from the certificate to its root` };
}

function listsMissing(site: ApacheSite): Said | null {
  const check = setting(site, 'sslcarevocationcheck');
  const asks =
    check !== undefined && check.args[0]?.toLowerCase() !== 'none' && !check.args.includes('no_crl_for_cert_ok');
  const has = setting(site, 'sslcarevocationfile') ?? setting(site, 'sslcarevocationpath');
  if (!asks || has !== undefined) return null;
  return { code: 'revocation_stale', where: check.place, detail: 'lists are asked for, and none is named' };
}

function moreAuthorities(directory: TrustNamed['authorities']): readonly Said[] {
  if (directory === null) return [];
  const code = isSystemBundle(directory.path) ? 'public_authorities' : 'more_authorities';
  return code === 'public_authorities' ? [{ code, where: directory.where, detail: directory.path }] : [];
}

function announced(
  site: ApacheSite,
  file: TrustedFile | null,
  { source }: AuditRequest,
  root: string,
): readonly Said[] {
  const line = setting(site, 'sslcadnrequestfile');
  if (line === undefined || file?.kind !== 'read') return [];
  const told = readTrustedFile(absolute(line.args[0] ?? '', root), source);
  if (told.kind !== 'read') return [];
  const names = new Set(told.certificates.map(({ subject }) => subject));
  if (file.certificates.some(({ subject }) => names.has(subject))) return [];
  return [{ code: 'names_announced', where: line.place, detail: line.args[0] ?? '' }];
}

function unusedLists(site: ApacheSite): readonly Said[] {
  const file = setting(site, 'sslcarevocationfile') ?? setting(site, 'sslcarevocationpath');
  const check = settingValue(site, 'sslcarevocationcheck') ?? 'none';
  if (file === undefined || check !== 'none') return [];
  return [{ code: 'revocation_unused', where: file.place, detail: file.args[0] ?? '' }];
}

function versions(site: ApacheSite): readonly Said[] {
  const line = setting(site, 'sslprotocol');
  const taken = tlsVersions(site);
  if (line === undefined || taken.length !== 1) return [];
  return [{ code: 'tls_version', where: line.place, detail: `TLS ${taken[0]} only` }];
}

function sessions(site: ApacheSite): readonly Said[] {
  const cache = setting(site, 'sslsessioncache');
  const tickets = setting(site, 'sslsessiontickets');
  if (cache !== undefined && cache.args[0]?.toLowerCase() !== 'none')
    return [{ code: 'lasting_sessions', where: cache.place, detail: cache.args.join(' ') }];
  if (tickets?.args[0]?.toLowerCase() === 'off' || verifyMode(site) === 'none') return [];
  return [{ code: 'lasting_sessions', where: tickets?.place ?? site.place, detail: 'SSLSessionTickets is on' }];
}
