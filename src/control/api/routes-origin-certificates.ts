import { isProblem } from '../../wire/commands.ts';
import { CERTIFICATE_LOOK, CERTIFICATE_LOOK_BODY, certificateLookView } from '../../wire/origin-certificate-looks.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { one } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';
import { typedHostnameIn } from './typed-in-zone.ts';

export const ORIGIN_CERTIFICATE_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'POST',
    path: '/postern/v1/zones/:zone/origin_certificates',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, body: CERTIFICATE_LOOK_BODY },
    answers:
      'Looks at the certificate that each origin of a hostname shows now, with a handshake as the edge makes it, and says whether the edge believes it, why not, and whether the origin itself tells the same. Nothing is changed; an account may have 120 such looks in a minute.',
    returns: one(CERTIFICATE_LOOK),
    handle: async ({ body }, { plane, zone }) => {
      const hostname = typedHostnameIn(zone, body.hostname, '/hostname');
      if (isProblem(hostname)) return hostname;
      const seen = await plane.originCertificates(zone.id, hostname);
      if (isProblem(seen)) return seen;
      const witnesses = await plane.toldCertificates(zone.id, hostname);
      return { kind: 'answer', result: certificateLookView(seen, { zone, witnesses }) };
    },
  }),
];
