import { useCallback, useState } from 'preact/hooks';
import { PageHead } from '../../parts/panel.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { AuthorityPanel, Bundle } from './bundle.tsx';
import { Certificates } from './certificates.tsx';
import { Hostnames } from './hostnames.tsx';
import { Levels } from './levels.tsx';
import { Issued } from './issued.tsx';
import { Requests } from './requests.tsx';
import { TrustedCas } from './trusted-cas.tsx';
import '../../style/pages/origin-server.css';

/** SSL/TLS → Origin Server: what the edge shows to origins, and what origins must trust. */
export function Page({ zone }: ZonePageProps) {
  // What is further down is not asked for before what is in sight is there: a browser makes few calls at a time.
  const [isAnswered, setAnswered] = useState(false);
  const answered = useCallback(() => setAnswered(true), []);
  return (
    <>
      <PageHead title="Origin Server" about="What the edge shows to origins, and what origins must trust.">
        <Link class="button" to={zonePath(zone.name, '/attestations')}>
          Attestations
        </Link>
        {may('zone:edit') && (
          <Link class="button primary" to="/setup">
            Lock an origin
          </Link>
        )}
      </PageHead>
      <Levels zone={zone} />
      <Hostnames zone={zone} onAnswered={answered} />
      {isAnswered && <FurtherDown zone={zone} />}
    </>
  );
}

function FurtherDown({ zone }: { readonly zone: Zone }) {
  return (
    <>
      <Certificates zone={zone} />
      <Requests zone={zone} />
      <Bundle zone={zone} />
      <AuthorityPanel zone={zone} />
      <TrustedCas zone={zone} />
      <Issued zone={zone} />
    </>
  );
}
