import type { UNSURE } from '../unsure.ts';
import type { Meaning } from './meaning.ts';

export const UNSURE_MEANING: Readonly<Record<keyof typeof UNSURE, Meaning>> = {
  not_reached: {
    means: 'Nothing can be said of a door that nobody opens. A firewall may let the edge in and not this machine.',
    seen: 'The connection is refused, or nothing comes back at all.',
  },
  name_unresolved: {
    means: 'Without an address there was nobody to ask, so nothing is known of this target.',
    seen: 'The resolver of this machine knows no address of the name.',
  },
  no_clear_answer: {
    means: 'Something accepts connections and speaks neither TLS nor HTTP in a way that can be judged.',
    seen: 'The answer is cut off, garbled, too large, or never comes.',
  },
  unread_configuration: {
    means: 'What was not understood may open a door, or shut one. The rest of the report holds without it.',
    seen: 'In a configuration: a directive or file that this reader does not know.',
  },
  http3_unseen: {
    means:
      'Browsers may speak HTTP/3 there, over UDP. Some servers take the same rules for it, and in others it is a listener of its own, which may ask for nothing.',
    seen: 'An answer says in Alt-Svc that HTTP/3 is offered. The doctor does not speak it.',
  },
  forbidden_to_right: {
    means:
      'The application itself may forbid this path to everybody, or a pin may refuse the certificate with a page that looks like the application.',
    seen: 'The right certificate is answered 403 with a page that no stranger gets.',
  },
  answer_unclear: {
    means:
      'Without the answer that the edge gets, nobody can tell whether this is the application or a page that refuses.',
    seen: 'Requests without a right certificate are answered, and with nothing to compare.',
  },
  refusal_unexplained: {
    means:
      'A login, a list of addresses or a rule of the application may turn strangers away. That is another lock than the one looked for.',
    seen: 'Requests without a certificate are answered with a refusal that any server may give, and no certificate is asked for.',
  },
  sibling_alike: {
    means: 'Sites that differ in little may be two sites, or one application under two names.',
    seen: 'A page under another name has much in common with that of the locked one.',
  },
  welcome_page: {
    means:
      'Everybody has that page, so nothing of yours was shown, and this door is not called open for it. What was installed with it may still serve other paths; and where the locked site is that very page, the door shows it.',
    seen: 'The locked name is asked for at another door or with another name in the handshake, and a page comes that is known of nginx, Apache, Caddy, lighttpd or IIS as they are delivered.',
  },
  left_to_application: {
    means:
      'The server tells the application who came and refuses nobody. Whether the application refuses is not written in this file.',
    seen: 'In a configuration: optional verification, and the result in a header. A look from outside tells what comes of it.',
  },
  refused_unasked: {
    means: 'Something other than a client certificate keeps everybody out, for now.',
    seen: 'Callers are refused in the handshake, and no certificate was asked for.',
  },
};
