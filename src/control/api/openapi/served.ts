import { createHash } from 'node:crypto';
import { entityTag } from '../entity-tag.ts';
import type { Route } from '../route.ts';
import { openApi } from './openapi.ts';
import { descriptionPage } from './page.ts';
import { PAGE_STYLE } from './page-style.ts';
import type { ServedDescription, Tagged } from './served-description.ts';

/** Made when somebody asks for it the first time, because most installations are never asked. */
export function servedDescription(routes: readonly Route[], version: string): () => ServedDescription {
  let made: ServedDescription | null = null;
  return () => {
    made ??= make(routes, version);
    return made;
  };
}

function make(routes: readonly Route[], version: string): ServedDescription {
  const document = openApi(routes, version);
  return { json: tagged(JSON.stringify(document)), page: tagged(descriptionPage(document)) };
}

function tagged(text: string): Tagged {
  return { text, etag: entityTag(text) };
}

/** What the page may do (CSP 3): show itself in its own style. No scripts, and nothing from anywhere. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
