import { shellCommand } from '../doctor/report/shell-word.ts';
import { type UnservedName, whyUnserved } from '../origin/install/edge-service.ts';
import type { TrustPlan } from '../wire/hostname-trust.ts';
import { type ApiAccess, listAll, Refusal } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import type { RecordFacts } from './manage/records.ts';

/** A name that is to be locked, and what the edge does with visits to it. */
interface AskedName {
  readonly name: string;
  readonly https: TrustPlan['https'];
}

interface Held {
  readonly access: ApiAccess;
  readonly zone: { readonly id: string; readonly name: string };
  /** For the commands. */
  readonly apiCa: string | undefined;
}

/** Of the names of one zone those that the edge does not serve over TLS, each with what mends it. */
export async function unservedNames(held: Held, asked: readonly AskedName[]): Promise<readonly UnservedName[]> {
  const missing = asked.filter(({ https }) => !SERVED.has(https.kind));
  if (missing.length === 0) return [];
  const like = await recordLike(held, asked);
  return missing.map(({ name, https }) => ({
    name,
    kind: https.kind,
    because: https.because ?? null,
    sentence: https.sentence,
    ...mending(held, { name, https }, like),
  }));
}

/** Pulled over TLS; whether with the right certificate is for the proof to see. */
const SERVED: ReadonlySet<string> = new Set(['present', 'without']);
const MOST_RECORDS = 100;

/** The record of another of the names: the same machine serves both. */
async function recordLike({ access, zone }: Held, asked: readonly AskedName[]): Promise<RecordFacts | null> {
  for (const { name } of asked.filter(({ https }) => SERVED.has(https.kind))) {
    try {
      const path = `/client/v4/zones/${zone.id}/dns_records?name=${encodeURIComponent(name)}`;
      const { result } = await listAll<RecordFacts>(access, path, MOST_RECORDS);
      const found = result.find(({ proxied }) => proxied);
      if (found !== undefined) return found;
    } catch (error) {
      // A token that may not see records is enough to install a lock.
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return null;
}

function mending(
  { access, zone, apiCa }: Held,
  { name, https: { because } }: AskedName,
  like: RecordFacts | null,
): Pick<UnservedName, 'command' | 'page'> {
  const asking = ['--zone', zone.name, '--api', access.base, ...(apiCa === undefined ? [] : ['--api-ca', apiCa])];
  const command = (...words: readonly string[]) => shellCommand(['postern', ...words, ...asking]);
  const at = (place: string) => `${access.base}/dashboard/zones/${zone.id}${place}`;
  switch (because ?? '') {
    case 'unknown_hostname':
      return { command: command('records', 'add', name, ...recordWords(like), '--proxied'), page: at('/dns') };
    case 'dns_only':
      return { command: command('records', 'set', name, '--proxied'), page: at('/dns') };
    case 'paused':
      return { command: shellCommand(['postern', 'zones', 'resume', zone.name, ...asking.slice(2)]), page: at('') };
    case 'ssl_off':
    case 'flexible':
      return { command: command('settings', 'set', 'ssl', 'full'), page: at('/ssl') };
    default:
      return { command: null, page: at('/ssl/origin-server') };
  }
}

// Where no other name says it, this machine's address is for the reader to put in.
function recordWords(like: RecordFacts | null): readonly string[] {
  if (like === null) return ['A', 'ADDRESS'];
  const port = like.origin?.['https_port'];
  return [like.type, like.content, ...(typeof port === 'number' ? ['--origin-https-port', String(port)] : [])];
}

/** Enforcing would close a name that nobody can reach through the edge. Said before anything is changed. */
export class NotServed extends Failure {
  /** What a program reads under --json. */
  readonly errors: readonly UnservedName[];

  constructor(names: readonly UnservedName[]) {
    const said = names.map((one) => `${one.name} ${whyUnserved(one)}`).join('; ');
    const it = names.length === 1 ? 'it' : 'they';
    super(
      `Nothing was changed: ${said}. Once locked, ${it} would be closed to everybody.`,
      names.flatMap(mendingLines).join('\n  '),
      EXIT.notGood,
    );
    this.errors = names;
  }
}

/** What to do about such a name, line by line. */
export function mendingLines({ command, page }: UnservedName): readonly string[] {
  if (command === null) return page === null ? [] : [`in the dashboard: ${page}`];
  return [command, ...(page === null ? [] : [`or in the dashboard: ${page}`])];
}
