import { quoted } from '../api/curl.ts';

// The subject is what the origin sent, or whoever stands before it: nothing that a terminal obeys is put into a command.
const PRINTABLE = /^[\x20-\x7e]{1,200}$/;

/**
 * A command that looks for the certificate of a CA on a machine and prints it, without whatever else its file holds; `null`
 * for a subject that a terminal may show otherwise. The subject is as OpenSSL writes it by RFC 2253.
 */
export function findCa(subject: string): string | null {
  if (!PRINTABLE.test(subject)) return null;
  return [
    "find /etc /home /opt /root /srv /usr/local -xdev -type f -size -256k \\( -name '*.pem' -o -name '*.crt' -o -name '*.cer' \\) \\",
    `  -exec sh -c 'subject=$1; shift; for file; do`,
    '    openssl x509 -in "$file" -noout -subject -nameopt RFC2253 2> /dev/null | grep -qxF -e "$subject" || continue',
    '    echo "$file"; openssl x509 -in "$file"',
    `  done' sh ${quoted(`subject=${subject}`)} {} + 2> /dev/null`,
  ].join('\n');
}
