/** Where an edge takes visitors, each as HOST:PORT; `null` in its place where it is absent. */
export interface EdgeListening {
  readonly https: string;
  readonly http: string | null;
  /** Where visitors reach it over https, the best known first. */
  readonly reached: readonly string[];
  /** Somebody said so, it listens just there, or it listens everywhere and its machine has these addresses. */
  readonly reached_by: 'operator' | 'listener' | 'machine';
}

/** An edge, as `GET /postern/v1/edges` has it. */
export interface Edge {
  readonly name: string;
  readonly connected: boolean;
  readonly connected_since: string | null;
  readonly applied_revision: number;
  readonly lag: number;
  readonly rejected: { readonly revision: number; readonly because: string } | null;
  readonly listening: EdgeListening | null;
  readonly traffic: {
    readonly workers: number;
    readonly requests_per_second: number;
    readonly requests: number;
    readonly visitor_connections: number;
    readonly origin_connections: number;
    readonly pulls_waiting: number;
  } | null;
}
