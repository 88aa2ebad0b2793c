/** Who asks for a change: for the audit log. */
export interface Actor {
  readonly token: string;
  readonly from: string;
}
