import type { Hostname } from '../../domain/ids.ts';
import type { ListenAddress } from '../listen-address.ts';
import { siteWord } from './names.ts';

/** The name of a Kubernetes object: an RFC 1123 label, with room for an ending. */
export function objectName(hostnames: readonly [Hostname, ...Hostname[]], listen: readonly ListenAddress[]): string {
  return `postern-${siteWord({ hostnames }, listen).replaceAll('_', '-')}`;
}
