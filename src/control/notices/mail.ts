import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { DeliveryFailure, Outcome } from '../../domain/delivery.ts';
import type { Secret } from '../../pki/secret.ts';
import type { MailText } from './letters.ts';
import { isTlsError } from './tls-error.ts';

/** The operator's mail server. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, by STARTTLS and never without it, or none. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly signIn: { readonly user: string; readonly password: Secret<string> } | null;
  /** Who sends. */
  readonly from: string;
}

const CONNECT_WITHIN = 10_000;
const SILENT_FOR = 20_000;

/** Hands one message to the mail server. `id` is the same at each attempt, so that readers can tell a second copy. */
export async function sendMail(
  { host, port, tls, signIn, from }: MailServer,
  letter: MailText & { readonly id: string; readonly to: string },
  signal: AbortSignal,
): Promise<Outcome> {
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    // A server, or somebody in between, that offers no TLS gets neither password nor message.
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(signIn === null ? {} : { auth: { user: signIn.user, pass: signIn.password.reveal() } }),
    connectionTimeout: CONNECT_WITHIN,
    greetingTimeout: CONNECT_WITHIN,
    dnsTimeout: CONNECT_WITHIN,
    socketTimeout: SILENT_FOR,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const end = () => transport.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    const { id, to, subject, text } = letter;
    const domain = from.slice(from.lastIndexOf('@') + 1);
    await transport.sendMail({
      from,
      to: { name: '', address: to },
      subject,
      text,
      messageId: `<${id}@${domain}>`,
      // RFC 3834 §5: nobody's answering machine should answer.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return { failure: null, status: 250 };
  } catch (error) {
    return refusal(error);
  } finally {
    signal.removeEventListener('abort', end);
    transport.close();
  }
}

const MAIL_ERROR = z.object({
  code: z.string().optional(),
  originalCode: z.string().optional(),
  responseCode: z.int().optional(),
  permanent: z.boolean().optional(),
});

const FAILURES: Readonly<Record<string, DeliveryFailure>> = {
  ETLS: 'mail_not_secure',
  EAUTH: 'mail_sign_in',
  ENOAUTH: 'mail_sign_in',
  ETIMEDOUT: 'timeout',
  EDNS: 'unresolvable',
};

function refusal(error: unknown): Outcome {
  const {
    code = '',
    originalCode = '',
    responseCode,
    permanent = false,
  } = MAIL_ERROR.safeParse({ ...Object(error) }).data ?? {};
  const status = responseCode ?? null;
  const known = FAILURES[code] ?? (isTlsError(originalCode) ? 'mail_not_secure' : undefined);
  if (known !== undefined) return { failure: known, status };
  if (status === null) return { failure: 'unreachable', status };
  return { failure: permanent ? 'mail_refused' : 'mail_later', status };
}
