import type { Command } from 'commander';
import type { EdgeSettings } from '../edge/edge-settings.ts';
import { accessLogSetting } from './access-log-setting.ts';
import { Failure } from './failure.ts';
import { networkList } from './network-list.ts';
import { originPolicy } from './origin-policy.ts';
import type { SettingNames } from './settings.ts';

/** Settings of `postern up` about what its edges do. */
const NAMES = {
  originPolicy: { flag: 'originPolicy', env: 'POSTERN_ORIGIN_POLICY', key: 'origin_policy' },
  originAllow: { flag: 'originAllow', env: 'POSTERN_ORIGIN_ALLOW', key: 'origin_allow' },
  proxyProtocol: { flag: 'proxyProtocol', env: 'POSTERN_PROXY_PROTOCOL', key: 'proxy_protocol' },
  trustedPeers: { flag: 'trustedPeers', env: 'POSTERN_TRUSTED_PEERS', key: 'trusted_peers' },
  accessLog: { flag: 'accessLog', env: 'POSTERN_ACCESS_LOG', key: 'access_log' },
  accessLogQuery: { flag: 'accessLogQuery', env: 'POSTERN_ACCESS_LOG_QUERY', key: 'access_log_query' },
} as const satisfies Record<string, SettingNames>;

/** Adds the flags. */
export function withEdgeFlags(command: Command): Command {
  return command
    .option('--origin-policy <policy>', 'where origins may lie: any, public or list (default: any)')
    .option('--origin-allow <cidr,…>', 'the networks of --origin-policy list')
    .option('--proxy-protocol <cidr,…>', 'balancers that begin each connection with a PROXY header')
    .option('--trusted-peers <cidr,…>', 'proxies whose X-Forwarded-For is believed')
    .option('--access-log <which>', 'requests to log: on, off, errors or sample:N (default: errors)')
    .option('--access-log-query', 'log the query of a path, too: it may hold secrets');
}

/** Reads them. Throws a Failure for what cannot be meant, or would be unsafe. */
export function edgeSettings(read: (names: SettingNames) => string | undefined): EdgeSettings {
  return {
    originPolicy: originPolicy(read(NAMES.originPolicy) ?? 'any', read(NAMES.originAllow)),
    peers: {
      proxyProtocol: peers(read(NAMES.proxyProtocol), '--proxy-protocol'),
      trusted: peers(read(NAMES.trustedPeers), '--trusted-peers'),
    },
    accessLog: accessLogSetting(read(NAMES.accessLog) ?? 'errors', read(NAMES.accessLogQuery) ?? 'false'),
  };
}

function peers(list: string | undefined, flag: string): readonly string[] {
  const found = networkList(list, flag);
  const everybody = found.find((network) => network.endsWith('/0'));
  if (everybody === undefined) return found;
  throw new Failure(
    `${flag} names ${everybody}: anybody could say to be somebody else.`,
    'Name the networks of your own balancers.',
  );
}
