import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { wholeNumber } from '../flag-value.ts';

/** What can be said about a record on the command line. */
export interface RecordFlags {
  readonly content?: string;
  readonly proxied?: boolean;
  readonly dnsOnly?: boolean;
  readonly ttl?: string;
  readonly comment?: string;
  readonly originHttpsPort?: string;
  readonly originHttpPort?: string;
  readonly serverName?: string;
  readonly hostHeader?: string;
  readonly originHttp2?: boolean;
}

/** Adds those flags to a command. */
export function withRecordFlags(command: Command): Command {
  return command
    .option('--proxied', 'visitors come in through the edge')
    .option('--dns-only', 'the edge does not serve the name')
    .option('--ttl <seconds>', 'auto, or 60 to 86400')
    .option('--comment <text>', 'a remark; "" for none')
    .option('--origin-https-port <port>', 'where the origin listens over TLS (443)')
    .option('--origin-http-port <port>', 'where the origin listens without TLS (80)')
    .option('--server-name <name>', 'SNI and verified name of the origin; "" for the visitor\'s')
    .option('--host-header <host>', 'Host field of the pull; "" for the visitor\'s')
    .option('--origin-http2', 'offer HTTP/2 to the origin over TLS')
    .option('--no-origin-http2', 'speak HTTP/1.1 only to the origin');
}

/** The body of a call from what was said; fields not said are left out. `before` is the origin part as it was. */
export function recordBody(
  flags: RecordFlags,
  before: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const origin = originPart(flags);
  return {
    ...(flags.content === undefined ? {} : { content: flags.content }),
    ...proxied(flags),
    ...(flags.ttl === undefined ? {} : { ttl: flags.ttl === 'auto' ? 1 : wholeNumber('--ttl', flags.ttl) }),
    ...(flags.comment === undefined ? {} : { comment: flags.comment === '' ? null : flags.comment }),
    // The API takes the part as a whole: what is not said must not get lost.
    ...(Object.keys(origin).length === 0 ? {} : { origin: { ...before, ...origin } }),
  };
}

function proxied({ proxied: on, dnsOnly }: RecordFlags): { readonly proxied?: boolean } {
  if (on === true && dnsOnly === true) {
    throw new Failure('A record cannot be both --proxied and --dns-only.', 'Leave one of them out.');
  }
  if (on === true) return { proxied: true };
  return dnsOnly === true ? { proxied: false } : {};
}

function originPart(flags: RecordFlags): Record<string, unknown> {
  const { originHttpsPort, originHttpPort, serverName, hostHeader, originHttp2 } = flags;
  return {
    ...(originHttpsPort === undefined ? {} : { https_port: wholeNumber('--origin-https-port', originHttpsPort) }),
    ...(originHttpPort === undefined ? {} : { http_port: wholeNumber('--origin-http-port', originHttpPort) }),
    ...(serverName === undefined ? {} : { server_name: serverName === '' ? null : serverName }),
    ...(hostHeader === undefined ? {} : { host_header: hostHeader === '' ? null : hostHeader }),
    ...(originHttp2 === undefined ? {} : { http2: originHttp2 }),
  };
}
