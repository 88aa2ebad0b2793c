/**
 * What the doctor tells in flags of its command, in words for whoever looks at a page of the dashboard and types none: what
 * to do there instead, or which command to run by hand.
 */
const WORDS: Readonly<Record<string, string>> = {
  '--path': 'the path that is looked at is set under Attestations of the zone',
  '--other-name': 'each name that has a proxied record of its own is looked at by itself',
  '--connect, --also':
    'those that proxied records lead to; for another one add a record, or run postern doctor by hand',
  '--config': 'postern origin audit, run at the origin, reads it',
  '--verified-header': 'postern doctor, run by hand, can be told one',
  '--foreign-identity': 'postern doctor, run by hand, can be given one',
  '--identity': 'postern doctor, run by hand, can be given one',
  '--ca-cert and --ca-key': 'Postern has it where the edge presents a certificate that Postern made for the zone',
  '--ca-cert, --ca-key and --crl':
    'Postern has both where the edge presents a certificate that Postern made for the zone, and one of the zone was revoked',
  '--identity, or --ca-cert and --ca-key':
    'Postern could not open what the edge presents there, or it is not deployed yet',
  '--crl, or a configuration that names one':
    'Postern tries one as soon as the zone has revoked one that has not ended',
};

const FLAGS = / \((--[^)]*)\)/g;

/** The same text without flags. */
export function inPageWords(text: string): string {
  return text.replaceAll(FLAGS, (_whole, flags: string) => {
    const words = WORDS[flags];
    return words === undefined ? '' : ` (${words})`;
  });
}
