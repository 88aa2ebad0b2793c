import { useState } from 'preact/hooks';
import { Button } from '../../parts/button.tsx';
import { download } from '../../parts/download.ts';
import { counted } from '../../parts/counted.ts';
import { say } from '../../parts/toast.tsx';
import { ask } from '../../session.ts';
import type { AuditEntry } from './entry.ts';

const PAGE = 1000;
/** What a browser is made to hold at once. For more there is the call itself. */
const MOST = 20_000;

/** Saves the entries that fit the filter, newest first, one JSON object a line. */
export function ExportLines({ query }: { readonly query: URLSearchParams }) {
  const [read, setRead] = useState<number | null>(null);
  const save = async () => {
    setRead(0);
    const lines: string[] = [];
    let cursor: string | null = null;
    do {
      const path = pagePath(query, cursor);
      const outcome = await ask<readonly AuditEntry[]>({ method: 'GET', path });
      if (outcome.kind !== 'answer') {
        setRead(null);
        say(`Nothing was saved: ${outcome.problems[0]?.message ?? ''}`);
        return;
      }
      lines.push(...outcome.result.map((entry) => JSON.stringify(entry)));
      cursor = outcome.info?.cursor ?? null;
      setRead(lines.length);
    } while (cursor !== null && lines.length < MOST);
    const day = new Date().toISOString().slice(0, 10);
    download(`postern-audit-${day}.jsonl`, `${lines.join('\n')}\n`, 'application/jsonl');
    const rest = cursor === null ? '' : ' There are older ones: narrow the time, or use the API.';
    say(`${counted(lines.length, 'entry is', 'entries are')} saved.${rest}`);
    setRead(null);
  };
  return (
    <Button busy={read !== null} onPress={() => void save()}>
      {read === null || read === 0 ? 'Save as JSON lines' : `${counted(read, 'entry', 'entries')} read`}
    </Button>
  );
}

function pagePath(query: URLSearchParams, cursor: string | null): string {
  const asked = new URLSearchParams(query);
  asked.set('limit', String(PAGE));
  if (cursor !== null) asked.set('cursor', cursor);
  return `/postern/v1/audit?${asked}`;
}
