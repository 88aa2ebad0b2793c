/** An edge, as `GET /postern/v1/edges` has it. */
export interface Edge {
  readonly name: string;
  readonly connected: boolean;
  readonly connected_since: string | null;
  readonly applied_revision: number;
  readonly lag: number;
  readonly rejected: { readonly revision: number; readonly because: string } | null;
  readonly traffic: {
    readonly workers: number;
    readonly requests_per_second: number;
    readonly requests: number;
    readonly visitor_connections: number;
    readonly origin_connections: number;
    readonly pulls_waiting: number;
  } | null;
}
