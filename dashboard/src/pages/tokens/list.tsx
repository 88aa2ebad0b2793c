import { useResource } from '../../api/resource.ts';
import { Button } from '../../parts/button.tsx';
import { markedId } from '../../parts/marked.ts';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { inQuery } from '../../route.tsx';
import { may, sessionState } from '../../session.ts';
import { zonePath, type Zone } from '../../zone.tsx';
import { Link } from '../../route.tsx';
import { rightsText } from './permissions.ts';
import { fits, type Token } from './token.ts';

const PER_PAGE = 50;
/** More are told by their number. */
const ZONES_NAMED = 2;

interface Hands {
  readonly sessions: (token: Token) => void;
  readonly change: (token: Token) => void;
  readonly roll: (token: Token) => void;
  readonly revoke: (token: Token) => void;
}

/** The tokens that fit the search, a page of them. The API has them in one answer. */
export function TokenList({ tokens, ...hands }: Hands & { readonly tokens: readonly Token[] }) {
  const search = inQuery('q') ?? '';
  const found = tokens.filter((token) => fits(token, search));
  const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
  const page = Math.min(markedPage(found) ?? pageNumber(), pages);
  const rows = found.slice((page - 1) * PER_PAGE, page * PER_PAGE);
  const info = { page, per_page: PER_PAGE, count: rows.length, total_count: found.length, total_pages: pages };
  if (rows.length === 0) return <p class="empty">No token has this in its name or its permissions.</p>;
  return (
    <>
      <Table caption="Tokens" columns={columns(hands)} rows={rows} keyOf={({ id }) => id} />
      <Pager info={info} what="tokens" />
    </>
  );
}

/** The page with the token that a link led to, until somebody turns to another one; `null` where there is none. */
function markedPage(found: readonly Token[]): number | null {
  const marked = inQuery('page') === null ? markedId() : null;
  const index = marked === null ? -1 : found.findIndex(({ id }) => id === marked);
  return index === -1 ? null : Math.floor(index / PER_PAGE) + 1;
}

function columns(hands: Hands): readonly Column<Token>[] {
  return [
    { title: 'Name', names: true, cell: (token) => <Name {...token} /> },
    {
      title: 'May do',
      cell: ({ permissions }) => <span title={permissions.join(', ')}>{rightsText(permissions)}</span>,
    },
    { title: 'Zones', optional: true, cell: (token) => <Sees {...token} /> },
    {
      title: 'From',
      optional: true,
      cell: ({ addresses }) =>
        addresses.length === 0 ? 'Everywhere' : <span class="mono break">{addresses.join(', ')}</span>,
    },
    {
      title: 'Last used',
      cell: ({ last_used_on: at }) => (at === null ? <span class="muted">Never</span> : <Moment at={at} />),
    },
    { title: 'Ends', cell: (token) => <End {...token} /> },
    actions(hands),
  ];
}

function Name({ id, name, kind, email }: Token) {
  const state = sessionState.value;
  const isOwn = state.kind === 'in' && state.session.token.id === id;
  return (
    <span class="token-name">
      <span class="break">{name}</span>
      {isOwn && <span class="tag">this session</span>}
      {kind === 'bootstrap' && name !== kind && <span class="tag">bootstrap</span>}
      {kind === 'legacy' && <span class="tag">API key of {email}</span>}
    </span>
  );
}

function Sees({ zones, accounts }: Token) {
  return (
    <>
      <Zones of={zones} />
      {accounts !== 'all' && (
        <span class="hint block">
          of {accounts.length === 1 ? '1 account' : `${accounts.length.toLocaleString()} accounts`}
        </span>
      )}
    </>
  );
}

function Zones({ of }: { readonly of: Token['zones'] }) {
  if (of === 'all') return 'All';
  if (of.length === 0) return 'None';
  if (of.length > ZONES_NAMED) return `${of.length.toLocaleString()} zones`;
  return (
    <span class="stack">
      {of.map((id) => (
        <ZoneName key={id} id={id} />
      ))}
    </span>
  );
}

function ZoneName({ id }: { readonly id: string }) {
  const [zone] = useResource<Zone>(may('zone:read') ? `/client/v4/zones/${id}` : null);
  if (zone.kind !== 'ready') return <span class="mono break">{id}</span>;
  return <Link to={zonePath(zone.value.name)}>{zone.value.name}</Link>;
}

function End({ status, expires_on }: Token) {
  if (expires_on === null) return 'Never';
  if (status === 'expired') {
    return (
      <span class="ended">
        Ended <Moment at={expires_on} />
      </span>
    );
  }
  return <Moment at={expires_on} day />;
}

function actions({ sessions, change, roll, revoke }: Hands): Column<Token> {
  const all = [
    { text: 'Sessions', label: 'Sessions of', press: sessions },
    ...(may('tokens:edit')
      ? [
          { text: 'Change', label: 'Change', press: change },
          { text: 'New text', label: 'New text for', press: roll },
          { text: 'Revoke', label: 'Revoke', press: revoke },
        ]
      : []),
  ];
  return {
    title: 'Actions',
    align: 'end',
    cell: (token) => (
      <span class="row end token-acts">
        {all.map(({ text, label, press }) => (
          <Button key={text} small kind="quiet" label={`${label} ${token.name}`} onPress={() => press(token)}>
            {text}
          </Button>
        ))}
      </span>
    ),
  };
}
