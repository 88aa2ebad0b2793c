import { isIP } from 'node:net';
import { type OriginProblem, originProblem } from '../problems.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { Content } from '../upstream.ts';

/** A service of a Kubernetes cluster, as the host of an upstream names it. */
export interface ClusterService {
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
}

const DEFAULT_NAMESPACE = 'default';
// RFC 1035 labels, as Kubernetes has them: SERVICE, SERVICE.NAMESPACE, with or without the cluster's own ending.
const SERVICE =
  /^(?<name>[a-z][a-z0-9-]{0,62})(?:\.(?<namespace>[a-z0-9][a-z0-9-]{0,62})(?:\.svc(?:\.[a-z0-9.-]+)?)?)?$/;

/** The service that a content stands for, or `null` where it is none. */
export function clusterService(content: Content): ClusterService | null {
  if (content.kind !== 'proxy' || isIP(content.host) !== 0) return null;
  const groups = SERVICE.exec(content.host)?.groups;
  if (groups === undefined || content.host === 'localhost') return null;
  return { name: groups['name'] ?? '', namespace: groups['namespace'] ?? DEFAULT_NAMESPACE, port: content.port };
}

/** Refuses what is not in a cluster, and what is in several namespaces: an object and its service share one. */
export function notInCluster({ sites, openNames }: OriginRequirement): OriginProblem | null {
  const [first] = sites;
  const home = clusterService(first.content)?.namespace;
  for (const { content } of [...sites, ...openNames]) {
    const service = clusterService(content);
    if (service === null || service.namespace !== home) {
      return originProblem('not_a_service', 'upstream', content.kind === 'proxy' ? content.host : content.kind);
    }
  }
  return null;
}
