import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDENTITY_SHAPES } from '../../http1/identity-fields.ts';
import { below, type ConfigPath } from '../config-path.ts';
import type { ListenAddress } from '../listen-address.ts';
import { doors } from '../own-door.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { OpenName, Site } from '../site.ts';
import { VIA_HEADER } from '../via-header.ts';
import { heading } from './heading.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { serverWord, watchLogName } from './names.ts';

/** The program in the order in which it stands in the file. The parts are JavaScript, beside this file. */
const PARTS = ['sites', 'handshake', 'request', 'fields', 'application', 'files', 'start'] as const;

/** A program for `node FILE` that locks the origin: the settings on top, below them the same text for everybody. */
export function nodeConfiguration(requirement: OriginRequirement): string {
  return [
    heading('node', requirement, '//').join('\n'),
    "'use strict';",
    `const SETTINGS = ${JSON.stringify(settings(requirement), null, 2)};`,
    ...PARTS.map((name) => readFileSync(join(import.meta.dirname, 'node', `${name}.cjs`), 'utf8').trimEnd()),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

/** What is to be said of Node alone. */
export function nodeNotes(requirement: OriginRequirement): readonly string[] {
  const { sites } = requirement;
  const watched = sites.filter(({ mode }) => mode === 'watch');
  return [
    ...watched.map((site) => {
      const log = nodeWatchLog(site, requirement);
      return log === null
        ? `Callers other than the edge: the lines without verify="SUCCESS" on standard output.`
        : `Callers other than the edge: grep -v 'verify="SUCCESS"' ${log}`;
    }),
    'The program looks at its files every five seconds and at each handshake: a bundle, list or certificate that changed is in force without a restart, and one that cannot be used changes nothing but the log.',
    'Connections of before such a change end with the request that is under way.',
    'It stays the user that starts it: start it as one of its own that may read the key, with CAP_NET_BIND_SERVICE for port 443.',
    'One process on one core. Several share the port only behind a balancer that passes TCP on.',
  ];
}

/** Where the watch mode writes one line for each request; `null` for standard output. */
export function nodeWatchLog(site: Site, { runtimeDirectory }: OriginRequirement): ConfigPath | null {
  return runtimeDirectory === null ? null : below(runtimeDirectory, watchLogName(site));
}

function settings(requirement: OriginRequirement): object {
  const { sites, openNames, listenHttp, runtimeDirectory } = requirement;
  const isTold = sites.some(({ via }) => via !== null);
  const { names, prefixes, suffixes } = IDENTITY_SHAPES;
  return {
    pidFile: runtimeDirectory === null ? null : below(runtimeDirectory, `postern-${serverWord(requirement)}.pid`),
    listenHttp: listenHttp.map(socket),
    ciphers: 'ECDHE+AESGCM:ECDHE+CHACHA20:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
    mediaTypes: [...sites, ...openNames].some(({ content }) => content.kind === 'static') ? MEDIA_TYPES : {},
    viaHeader: isTold ? VIA_HEADER : null,
    claims: isTold ? { names: [...names], prefixes, suffixes } : { names: [], prefixes: [], suffixes: [] },
    doors: doors(requirement).map(doorSettings),
  };
}

function socket({ host, port }: ListenAddress): object {
  return { host, port };
}

function doorSettings(door: OriginRequirement): object {
  const { sites, openNames, listen } = door;
  return {
    via: sites[0].via,
    listen: listen.map(socket),
    sites: [...sites.map((site) => locked(site, door)), ...openNames.map(open)],
  };
}

function locked(site: Site, requirement: OriginRequirement): object {
  const { hostnames, mode, trust, crl, serverCert, serverKey, verifiedHeader, content } = site;
  return {
    hostnames,
    mode,
    bundle: trust.bundle,
    pins: trust.kind === 'zone' ? null : trust.pins.map(({ derSha256 }) => derSha256),
    crl,
    certificate: serverCert,
    key: serverKey,
    verifiedHeader,
    content,
    watchLog: mode === 'watch' ? nodeWatchLog(site, requirement) : null,
  };
}

function open({ hostname, serverCert, serverKey, content }: OpenName): object {
  return {
    hostnames: [hostname],
    mode: 'open',
    bundle: null,
    pins: null,
    crl: null,
    certificate: serverCert,
    key: serverKey,
    verifiedHeader: null,
    content,
    watchLog: null,
  };
}
