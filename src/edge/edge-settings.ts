import type { OriginPolicy } from '../pull/address-policy.ts';
import { type AccessLogOptions, DEFAULT_ACCESS_LOG } from './access-log.ts';
import { NO_PEERS, type PeerOptions } from './peers.ts';

/** What an operator says about the edges of a machine. Plain data: it goes to each worker as it is. */
export interface EdgeSettings {
  /** Where origins may lie. */
  readonly originPolicy: OriginPolicy;
  /** Who may speak for visitors. */
  readonly peers: PeerOptions;
  /** Which requests get a line in the log. */
  readonly accessLog: AccessLogOptions;
}

export const DEFAULT_EDGE_SETTINGS: EdgeSettings = {
  originPolicy: { kind: 'any' },
  peers: NO_PEERS,
  accessLog: DEFAULT_ACCESS_LOG,
};
