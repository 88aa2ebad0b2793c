import { createHash } from 'node:crypto';
import { sketchOf } from '../likeness.ts';
import type { Answer } from '../observation.ts';
import type { ReadAnswer } from './answer-reader.ts';
import { echoOf } from './echo.ts';
import { knownPage } from './known-page.ts';

const MAX_TITLE = 80;
const MAX_LOCATION = 200;
const MAX_WORD = 60;

/** What the request said that a page may repeat. */
export interface Asked {
  readonly names: readonly string[];
  readonly agent: string;
  /** Spellings of the header that tells the application who came. */
  readonly verifiedHeaders: readonly string[];
}

/** What is kept of an answer. */
export function answerOf({ status, fields, body, complete }: ReadAnswer, asked: Asked): Answer {
  const text = body.toString('utf8');
  const date = Date.parse(fields.get('date') ?? '');
  return {
    status,
    server: word(fields.get('server'), /[\s/]/),
    location: fields.has('location') ? printable(fields.get('location') ?? '').slice(0, MAX_LOCATION) : null,
    type: word(fields.get('content-type'), /[\s;,]/),
    title: titleIn(text),
    bytes: body.length,
    digest: createHash('sha256').update(body).digest('hex'),
    complete,
    sketch: sketchOf(text, asked.names),
    page: knownPage(status, text),
    date: Number.isNaN(date) ? null : date,
    http3: /(?:^|[\s,])h3(?:-\d+)?=/.test(fields.get('alt-svc') ?? ''),
    echo: echoOf(text, asked.agent, asked.verifiedHeaders),
  };
}

/** What stands before the first of these, in lower case. */
function word(value: string | undefined, end: RegExp): string | null {
  const found =
    printable(value ?? '')
      .split(end)[0]
      ?.toLowerCase()
      .slice(0, MAX_WORD) ?? '';
  return found === '' ? null : found;
}

function titleIn(text: string): string | null {
  const found = /<title(?:\s[^>]{0,200})?>([^<]{0,1000})/i.exec(text)?.[1];
  return found === undefined ? null : printable(found).replaceAll(/\s+/g, ' ').trim().slice(0, MAX_TITLE);
}

// It is printed in terminals.
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ');
}
