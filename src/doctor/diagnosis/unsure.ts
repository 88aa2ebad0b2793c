import type { FindingKind } from './severity.ts';

/** What keeps the doctor from saying more. */
export const UNSURE = {
  not_reached: {
    severity: 'medium',
    refs: [],
    title: 'Nothing answers there.',
    fix: 'See that the address and port are right, and that a firewall lets this machine in.',
  },
  name_unresolved: {
    severity: 'medium',
    refs: [],
    title: 'The name does not resolve, so nobody was asked.',
    fix: 'Name the address with --connect HOST:PORT, or see why the name does not resolve here.',
  },
  no_clear_answer: {
    severity: 'medium',
    refs: [],
    title: "What answers there cannot be read as a web server's word.",
    fix: 'See what listens there, and whether something in between cuts the connection.',
  },
  http3_unseen: {
    severity: 'low',
    refs: ['NE-25'],
    title: 'HTTP/3 is offered, and could not be looked at.',
    fix: 'Switch HTTP/3 off at the origin: edges pull over TCP.',
  },
  forbidden_to_right: {
    severity: 'low',
    refs: ['TT-05'],
    title: 'The right certificate passes, and what was asked for is forbidden to it, by a page of its own.',
    fix: 'Ask for a path that the edge may read (--path); if all are forbidden, compare the pinned value with the certificate.',
  },
  answer_unclear: {
    severity: 'medium',
    refs: [],
    title: "Callers who should be refused get an answer that may be the application's, or not.",
    fix: 'Look at it yourself, and give the right identity (--identity), so that the answers can be compared.',
  },
  refused_unasked: {
    severity: 'medium',
    refs: ['HT-06', 'NE-16', 'NE-05'],
    title: 'Callers are turned away, and nobody is asked for a certificate: something else decides.',
    fix: 'Require the certificate in the handshake, for the whole site; keep lists of addresses and secret headers as a second layer.',
  },
  refusal_unexplained: {
    severity: 'medium',
    refs: [],
    title: 'Callers without a certificate are turned away, and nothing shows that it is for want of a certificate.',
    fix: 'Give the right identity (--identity): if it gets in, the lock is what keeps the others out.',
  },
  sibling_alike: {
    severity: 'medium',
    refs: ['NE-07'],
    title: "Another site's page is like that of the locked one, and asks for no certificate.",
    fix: 'See whether both sites reach the same application; if they do, lock both.',
  },
  unread_configuration: {
    severity: 'medium',
    refs: [],
    title: 'A part of the configuration was not understood, so it may hold a door.',
    fix: 'Look there yourself, or check the running server live.',
  },
  welcome_page: {
    severity: 'medium',
    refs: ['NE-10', 'NE-07'],
    title: 'The page with which the server is delivered answers there, whoever asks.',
    fix: 'Close this door or redirect it, and see that no path of it leads to the application (--path).',
  },
  left_to_application: {
    severity: 'medium',
    refs: ['NE-02', 'HT-01'],
    title: 'Callers without a certificate are passed on, and only the application can refuse them.',
    fix: 'Refuse them in the server; let the application look at the verified header beside that.',
  },
} as const satisfies Record<string, FindingKind>;
