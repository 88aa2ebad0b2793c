import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Code } from '../../parts/copy.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';

interface Installation {
  readonly visitor_ca: string;
}

/** What visitors are shown for names without an uploaded certificate, and for names that the edge does not know. */
export function LocalAuthority({ zone }: { readonly zone: Zone }) {
  const [installation, again] = useResource<Installation>('/postern/v1/installation', { on: inZone(zone.id) });
  return (
    <Panel title="Names without an uploaded certificate" mark={zone.id}>
      <div class="setting">
        <dl class="cases">
          <div>
            <dt>
              A name with a proxied record at <Link to={zonePath(zone.name, '/dns')}>DNS</Link>
            </dt>
            <dd>
              Is shown a certificate that the CA of this installation makes for it and renews. Browsers warn unless they
              trust that CA: fit for trying things out, and for visitors that you run yourself.
            </dd>
          </div>
          <div>
            <dt>A name that the edge does not serve, or none in the TLS handshake</dt>
            <dd>Is shown no certificate at all: the handshake ends, so nobody learns which names are here.</dd>
          </div>
        </dl>
        <details>
          <summary>CA of this installation (PEM)</summary>
          <Awaited of={installation} retry={again} lines={6}>
            {({ visitor_ca: pem }) => <Code label="CA of this installation" text={pem} />}
          </Awaited>
        </details>
      </div>
    </Panel>
  );
}
