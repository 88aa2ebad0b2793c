import { EXIT, Failure } from './failure.ts';

const LISTEN_FAILURES: Readonly<Record<string, { readonly text: string; readonly fix: string }>> = {
  EADDRINUSE: {
    text: 'The port is in use',
    fix: 'Stop what listens there, or choose another port; 0 takes a free one.',
  },
  EACCES: {
    text: 'This user may not listen there',
    fix: 'Choose a port above 1023, or grant CAP_NET_BIND_SERVICE.',
  },
  EADDRNOTAVAIL: {
    text: 'This machine has no such address',
    fix: 'Use an address of this machine; "ip addr" lists them.',
  },
  ENOTFOUND: { text: 'There is no such host', fix: 'Use an address of this machine; "ip addr" lists them.' },
};

/** What the code of an error of a listener means; `null` where that is not known. `where` stands behind it. */
export function listenFailure(code: string | undefined, where: string): Failure | null {
  const row = LISTEN_FAILURES[code ?? ''];
  return row === undefined ? null : new Failure(`${row.text}${where}.`, row.fix, EXIT.undetermined);
}
