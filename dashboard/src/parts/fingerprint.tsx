import { CopyButton } from './copy.tsx';

const SHOWN = 16;

/** The beginning of a SHA-256, with the whole of it to copy. */
export function Fingerprint({ sha256, of }: { readonly sha256: string; readonly of: string }) {
  return (
    <span class="fingerprint">
      <code title={sha256}>{sha256.slice(0, SHOWN)}…</code>
      <CopyButton text={sha256} label={`Copy the SHA-256 of ${of}`} />
    </span>
  );
}
