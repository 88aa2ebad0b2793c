import type { ChannelImpactKind, TokenImpactKind } from '../../src/control/api/routes-credential-impact.ts';
import type { ImpactBody } from '../../src/wire/impact.ts';

/** Something that somebody can do, and where. */
export interface ImpactAct {
  readonly does: string;
  readonly page: string;
  /** What takes `--preview`; `null` where nothing does. */
  readonly command: string | null;
  /** What of the last hour is said. */
  readonly counted: string;
}

const PULLS = 'pulls of the hostnames';
const SHOWN = `${PULLS}; and which certificates their origins show now, of the first 20`;
const NONE = 'nothing of the kind';

/** Every kind that the impact calls know. */
export const IMPACT_ACTS: Readonly<Record<ImpactBody['kind'] | TokenImpactKind | ChannelImpactKind, ImpactAct>> = {
  mode: { does: 'Switch the mode', page: 'SSL/TLS, set-up', command: 'settings set ssl', counted: PULLS },
  always_use_https: {
    does: 'Switch Always Use HTTPS',
    page: 'SSL/TLS',
    command: 'settings set always_use_https',
    counted: PULLS,
  },
  min_tls_version: {
    does: 'Raise or lower the oldest TLS of visitors',
    page: 'SSL/TLS',
    command: 'settings set min_tls_version',
    counted: 'requests over TLS, and how many of them came with TLS 1.2',
  },
  origin_tls_compliance_modes: {
    does: 'Limit the key exchanges with origins',
    page: 'SSL/TLS',
    command: 'settings set origin_tls_compliance_modes',
    counted: `${PULLS}; what origins understand is not known`,
  },
  zone_level: {
    does: 'Switch the zone level',
    page: 'Origin Server, set-up',
    command: 'aop on, aop off',
    counted: PULLS,
  },
  global_level: {
    does: 'Switch the global level',
    page: 'Origin Server',
    command: 'settings set tls_client_auth',
    counted: PULLS,
  },
  hostname_level: {
    does: 'Switch a hostname on or off, or let it do what its zone says',
    page: 'Origin Server, set-up',
    command: 'aop on, off and inherit with --hostname',
    counted: PULLS,
  },
  hostname_certificate_assign: {
    does: 'Give a hostname a certificate',
    page: 'Origin Server',
    command: 'aop on with --cert',
    counted: PULLS,
  },
  certificate_upload: {
    does: 'Upload a client certificate, or bring in the answer to a request',
    page: 'Origin Server',
    command: 'certs upload',
    counted: `${PULLS}, and which origins were seen locked for the present certificate`,
  },
  certificate_delete: {
    does: 'Delete a client certificate',
    page: 'Origin Server',
    command: 'certs delete',
    counted: PULLS,
  },
  record_create: { does: 'Add a record', page: 'DNS', command: 'records add', counted: PULLS },
  record_grey: { does: 'Turn a record grey', page: 'DNS', command: 'records set --dns-only', counted: PULLS },
  record_orange: {
    does: 'Turn a record orange',
    page: 'DNS, set-up',
    command: 'records set --proxied',
    counted: PULLS,
  },
  record_change: { does: 'Change a record', page: 'DNS', command: 'records set', counted: PULLS },
  record_delete: { does: 'Delete a record', page: 'DNS', command: 'records rm', counted: PULLS },
  enforce: {
    does: 'Have an origin insist on the certificate',
    page: 'Set-up',
    command: null,
    counted: 'who came to the origin, as it tells itself; else its pulls, and how many had no certificate',
  },
  visitor_certificate_upload: {
    does: 'Upload or replace the certificate that visitors are shown',
    page: 'Edge Certificates',
    command: null,
    counted: PULLS,
  },
  visitor_certificate_delete: {
    does: 'Delete the certificate that visitors are shown',
    page: 'Edge Certificates',
    command: null,
    counted: PULLS,
  },
  visitor_authorities_put: {
    does: 'Ask visitors for certificates, or change of which CAs',
    page: 'Edge Certificates',
    command: 'visitors require',
    counted: `${PULLS}; requests that came with a certificate; of which CA is not counted`,
  },
  visitor_authorities_delete: {
    does: 'Ask visitors for certificates no more',
    page: 'Edge Certificates',
    command: 'visitors drop',
    counted: 'requests that were turned away for want of a certificate',
  },
  trusted_ca_add: {
    does: 'Trust a CA for origins; the first one takes the place of the public CAs',
    page: 'Origin Server, set-up',
    command: null,
    counted: SHOWN,
  },
  trusted_ca_delete: { does: 'Trust a CA for origins no more', page: 'Origin Server', command: null, counted: SHOWN },
  access_rule_put: {
    does: 'Add or change an access rule',
    page: 'Protection',
    command: 'access-rules add',
    counted: 'requests to the zone; from which addresses is not counted',
  },
  access_rule_delete: {
    does: 'Delete an access rule',
    page: 'Protection',
    command: 'access-rules delete',
    counted: 'requests that the rules of the zone turned away, all together',
  },
  rate_limit_put: {
    does: 'Add or change a rate limit, or switch it on or off',
    page: 'Protection',
    command: 'rate-limits add, set',
    counted: 'what limits turned away, or would have, while they simulate; how often each visitor asked is not counted',
  },
  rate_limit_delete: {
    does: 'Delete a rate limit',
    page: 'Protection',
    command: 'rate-limits delete',
    counted: 'requests that the limits of the zone turned away, all together',
  },
  pause: {
    does: 'Pause a zone, or serve it again',
    page: 'Overview of the zone, set-up',
    command: null,
    counted: PULLS,
  },
  zone_delete: { does: 'Delete a zone', page: 'Overview of the zone', command: 'zones delete', counted: PULLS },
  authority_rotate: { does: 'Begin a rotation', page: 'Rotations', command: 'rotations start', counted: PULLS },
  token_revoke: {
    does: 'Revoke a token',
    page: 'Tokens',
    command: 'tokens revoke',
    counted: 'what it changed, and the sessions that end; what it only read is not counted',
  },
  token_roll: {
    does: 'Give a token another text',
    page: 'Tokens',
    command: 'tokens roll',
    counted: 'the same',
  },
  token_change: { does: 'Change what a token may do', page: 'Tokens', command: null, counted: 'what it changed' },
  channel_delete: {
    does: 'Delete a channel for notices',
    page: 'Notices',
    command: 'notices remove',
    counted: 'deliveries that wait; whether another channel takes the same',
  },
  channel_change: {
    does: 'Change a channel, or switch it off',
    page: 'Notices',
    command: 'notices set',
    counted: 'whether another channel takes the same',
  },
  channel_roll: { does: 'Give a channel another secret', page: 'Notices', command: 'notices roll', counted: NONE },
};

/** What is asked about, or rehearsed, by other means, and why no count would say more. */
export const OTHER_ACTS: readonly (readonly [does: string, page: string, asked: string])[] = [
  [
    'Pause, resume, undo or force a rotation, end its notice',
    'Rotations',
    'The form says what follows, for the origins as they were last seen; a rotation switches none that was not seen letting the new certificate in, unless it is forced.',
  ],
  ['An emergency', 'Rotations', 'Can be rehearsed: the rehearsal says for each origin what would become of it.'],
  ['Take a request for a certificate back', 'Origin Server', 'The question says that its key is destroyed.'],
  [
    'Have a managed certificate made',
    'Origin Server',
    'Takes nothing away: no hostname shows it before one is told to.',
  ],
  ['Give up a set-up', 'Set-up', 'The question says that nothing changes by it at the edge or at the origin.'],
  [
    'Change the addresses of the edges',
    'Edges',
    'Packet filters of origins are made of the list one at a time: none of them changes by this.',
  ],
  ['Sign out', 'Everywhere', 'Ends the session of this browser alone.'],
];
