import type { NOT_ENFORCED } from '../not-enforced.ts';
import type { Meaning } from './meaning.ts';

export const NOT_ENFORCED_MEANING: Readonly<Record<keyof typeof NOT_ENFORCED, Meaning>> = {
  not_asked: {
    means:
      'There is no lock. Whoever knows the address reaches the application and walks around everything that the edge does.',
    seen: 'The handshake holds no request for a certificate, and a request without one is answered. In a configuration: verification is not mentioned where the site listens. Where a balancer ends TLS before this server, it looks the same, and the lock has to be there.',
  },
  optional: {
    means:
      'The server asks, and verifies what it gets. Whoever simply sends no certificate gets in all the same, so only careless strangers are kept out.',
    seen: 'A request without a certificate is answered, one with a wrong certificate is refused. In a configuration: optional verification and nothing that denies callers without one.',
  },
  unverified: {
    means:
      'A certificate is asked for, and any will do, or none: what comes is passed on to be looked at, and nobody looks.',
    seen: 'Requests without a certificate and with a self-made one are answered. In a configuration: verification that skips the authority.',
  },
  tests_for_none_only: {
    means:
      'The rule refuses the value that stands for "no certificate". A certificate that failed the verification has another value, and passes.',
    seen: 'Without a certificate the answer is a refusal, with a self-made one it is the application.',
  },
  some_paths_only: {
    means:
      'Part of the site is locked and the rest is not, or what is locked for one method is open to another. Another spelling of a locked path may be answered too.',
    seen: 'In a configuration: the test stands in a location. From outside only with --path for each path that matters; the doctor cannot guess paths, and sends no other method than GET.',
  },
  error_page: {
    means: 'The refusal is turned into a request to the application, which then answers the stranger.',
    seen: 'A request without a certificate is answered like one with it. In a configuration: an error page for refused certificates that leads to the application.',
  },
  open_sibling: {
    means:
      'The certificate is asked for at one name, and the same application answers under another name or under the bare address.',
    seen: 'With another name in the handshake and in Host, or none, the answer is that of the locked site. In a configuration: two sites with the same application, one without verification.',
  },
  name_mismatch: {
    means:
      'The name in the handshake decides whether a certificate is needed, the name in Host decides what is answered. Whoever says an open name first and the locked one then gets in.',
    seen: 'An open, unknown or missing name in the handshake and the locked name in Host: the locked site answers.',
  },
  two_authorities: {
    means:
      'Callers are verified against the authority that belongs to the name in the handshake. A holder of a certificate of the other authority says that name, or none, and asks for yours.',
    seen: 'In a configuration: two different trusted files at one listener. From outside only with a certificate of the other authority (--foreign-identity).',
  },
  plain_http: {
    means:
      'Plain HTTP has no certificates. The lock on the TLS port means nothing as long as the same application answers here.',
    seen: 'A plain request is answered by the application instead of by a redirect to HTTPS.',
  },
  other_port: {
    means:
      'Scanners try all ports. An old or administrative listener with the same application is a way around the lock.',
    seen: 'A door named with --also, or found with --usual-ports, answers like the locked one. Doors that nobody named are not seen.',
  },
  ipv6_open: {
    means: 'The listener for IPv6 stands in another block, or was added later, and has no lock.',
    seen: 'The IPv6 address answers without a certificate, the IPv4 address does not. Seen only where the name has an AAAA record or --connect names the address.',
  },
  foreign_session: {
    means:
      'A resumed session is not verified again. Whoever makes a session at an open name and takes it up at the locked one brings no certificate at all.',
    seen: 'A session of another name (--other-name) is resumed under the locked name, and the site answers.',
  },
  certificateless_session: {
    means:
      'The program takes a resumed session for proof of a certificate, and the session was made without one. Node.js says "authorized" then.',
    seen: 'A session made without a certificate is resumed under TLS 1.3, and the site answers.',
  },
  early_data: {
    means:
      'Early data is sent with the first flight and can be recorded and sent again. Each time, the request is done once more, without a certificate.',
    seen: "The server's session tickets allow early data.",
  },
  verified_by_path: {
    means:
      'The certificate is asked for after the request was read. In TLS 1.3 and HTTP/2 callers cannot answer that, so the edge is refused, and the rest of the site is open.',
    seen: 'The right certificate is let in under TLS 1.2 and refused under TLS 1.3. In a configuration: verification inside a path.',
  },
  verification_off: {
    means: 'The authority is named, which looks like a lock. Without the switch beside it the server asks nobody.',
    seen: 'In a configuration: a trusted file, and no verification. From outside it looks like no lock at all.',
  },
  verify_result_alone: {
    means:
      'The result of the verification is "no error" where nothing was verified because no certificate came. The rule takes that for success.',
    seen: 'A request without a certificate is answered. In a configuration: a rule on the result, without one on the presence.',
  },
  errors_ignored: {
    means: 'The verification runs and its errors are thrown away, so expired and self-made certificates pass.',
    seen: 'Self-made or expired certificates are let in, callers without one are not.',
  },
  any_certificate: {
    means: 'The server insists on a certificate and does not ask who signed it. Anybody can make one in a second.',
    seen: 'Callers without a certificate are refused, a self-made one is let in.',
  },
  host_deny_list: {
    means:
      'The rule compares Host with a list of locked names, letter by letter. A port, a final dot or capital letters make another text of the same name.',
    seen: 'The name in another spelling is answered without a certificate.',
  },
  or_instead_of_and: {
    means:
      'One of several conditions is enough, and an address is one of them. The addresses of an edge are shared by all of its customers.',
    seen: 'In a configuration: "any of" around certificate and address. From outside only from such an address.',
  },
  application_port: {
    means: 'The server in front is locked, and the application behind it listens to everybody.',
    seen: 'A door named with --also, or found with --usual-ports, answers with the application. In a configuration: the application is addressed at all interfaces.',
  },
  lasting_sessions: {
    means:
      'A session is taken up without another look at the certificate. Whoever had access keeps it after a revocation or a change of the authority, until the session ends.',
    seen: 'A session that was made with the right certificate is resumed without any, and the site answers.',
  },
  http3: {
    means: 'HTTP/3 runs over UDP and has settings of its own. Edges pull over TCP, so nobody needs it here.',
    seen: 'In a configuration: a QUIC listener without the lines of the lock. From outside only the offer of HTTP/3 in Alt-Svc is seen.',
  },
  unmatched_names: {
    means:
      'Names that no site has end at some site, and its page may be that of the locked application: where it is, anybody gets it. Where it is not, refusing such names shows it.',
    seen: 'An unknown name, or none, is answered without a certificate, by a page that cannot be told from that of the locked site.',
  },
  config_differs: {
    means:
      'The file says one thing and the running server does another: it was not reloaded, the reload failed, another file wins, or another server is in front.',
    seen: 'The configuration given with --config promises another verdict than the probes found.',
  },
  lock_not_in_force: {
    means:
      'Somebody meant to lock, and the server does what the files say that it does read. A site in sites-available takes effect when it is linked into sites-enabled, and what stands in a condition when the condition holds.',
    seen: 'In a configuration: in files beside those that are read, and in sections whose condition does not hold. From outside only what is open is seen.',
  },
  stranger_admitted: {
    means:
      'The lock has a hole that none of the other findings describes. What let the caller in stands in the evidence.',
    seen: 'A caller with a wrong certificate, or with none, gets what the right one gets.',
  },
};
