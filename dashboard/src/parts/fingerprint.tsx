import { comparable } from './comparable.ts';
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

const GROUP = /(?:[0-9A-F]{2}:?){1,4}/g;

/** All of a SHA-256 as OpenSSL prints it, in groups of four pairs that no line breaks: so two can be compared. */
export function WholeFingerprint({ sha256 }: { readonly sha256: string }) {
  const groups = comparable(sha256).match(GROUP) ?? [];
  return (
    <code class="whole-fingerprint">
      {groups.map((group, index) => (
        // Two groups of one fingerprint may be equal.
        <span key={`${index} ${group}`}>{group}</span>
      ))}
    </code>
  );
}
