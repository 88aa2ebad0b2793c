import { Button } from '../../parts/button.tsx';
import { hostPort } from '../../parts/host-port.ts';
import type { Zone } from '../../zone.tsx';
import type { DnsRecord } from '../dns/record.ts';
import { useRecordsOf } from './records-of.tsx';
import { namesIn } from './server-draft.ts';
import { type ServerFieldsProps, Text } from './server-text.tsx';

interface ListensAtProps extends ServerFieldsProps {
  readonly zone: Zone;
  readonly hostname: string;
}

/** Where the server listens: a server that holds one address does not load what asks for every one. */
export function ListensAt({ zone, hostname, ...props }: ListensAtProps) {
  const { draft, change } = props;
  const typed = namesIn(draft.listen);
  const told = useRecorded(zone, hostname).filter((address) => !typed.includes(address));
  return (
    <>
      <div class="fields">
        <Text
          {...props}
          name="listen"
          label="Listens at"
          pointer="/listen"
          hint="HOST:PORT, several with commas, exactly as the site listens now. Where left out: every address, at the HTTPS port of the record; where the site listens on one address alone, the server gives that up when it is loaded."
        />
      </div>
      {typed.length === 0 && told.length > 0 && (
        <div class="row">
          <span class="hint">
            The {told.length === 1 ? 'record leads' : 'records lead'} to {told.join(', ')}.
          </span>
          <Button small onPress={() => change({ listen: told.join(', ') })}>
            Listen there
          </Button>
        </div>
      )}
    </>
  );
}

/** Where the records of a hostname have the edge pull from, as far as they name addresses. */
function useRecorded(zone: Zone, hostname: string): readonly string[] {
  const [records] = useRecordsOf(zone.id, hostname);
  if (records.kind !== 'ready') return [];
  const addresses = records.value.filter(({ type }) => type !== 'CNAME').map(addressOf);
  return [...new Set(addresses)].slice(0, MOST_PROPOSED);
}

const MOST_PROPOSED = 4;

function addressOf({ content, origin }: DnsRecord): string {
  return hostPort(content, origin?.https_port ?? 443);
}
