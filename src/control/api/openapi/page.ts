import type { MediaType, OpenApi, Operation, Reference, ResponseObject } from './document.ts';
import { html, type Markup, withCode } from '../../../wire/markup.ts';
import { fieldsTable, parametersTable, typeOf } from './page-fields.ts';
import { PAGE_STYLE } from './page-style.ts';
import { refusalStatus } from './refusals.ts';

/** What stands for a heading in an address. */
function anchor(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** A call with its place. */
interface Place {
  readonly path: string;
  readonly verb: string;
  readonly operation: Operation;
}

/** The description as a page for people: one file, without scripts, made of the document and nothing else. */
export function descriptionPage(document: OpenApi): string {
  const places = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => ({ path, verb, operation })),
  );
  const chapters = document.tags
    .map(({ name }) => ({ name, places: places.filter(({ operation }) => operation.tags.includes(name)) }))
    .filter((chapter) => chapter.places.length > 0);
  const { markup } = html`<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of Postern</title><style>${{ markup: PAGE_STYLE }}</style></head>
<body>${navigation(chapters)}<main>${introduction(document)}
${chapters.map(({ name, places }) => html`<h2 id="${anchor(name)}">${name}</h2>${places.map(call)}`)}
${schemas(document)}${refusals(document)}</main></body></html>
`;
  return `<!doctype html>\n${markup}`;
}

interface Chapter {
  readonly name: string;
  readonly places: readonly Place[];
}

function navigation(chapters: readonly Chapter[]): Markup {
  const groups = chapters.map(
    ({ name, places }) =>
      html`<details open><summary>${name}</summary><ul>${places.map(
        ({ path, verb, operation }) =>
          html`<li><a href="#${operation.operationId}">${badge(verb)}<span>${breakable(shortPath(path))}</span></a></li>`,
      )}</ul></details>`,
  );
  return html`<nav aria-label="Calls"><p class="brand"><a href="#top">Postern <span>API</span></a></p>${groups}
<p class="ends"><a href="#things">Things</a><a href="#refusals">Refusals</a></p></nav>`;
}

// What every path of a chapter begins with says nothing there.
function shortPath(path: string): string {
  return path.replace(/^\/(?:client\/v4|postern\/v1|ssl\/static)(?:\/zones\/\{zone\}(?=\/))?/, '');
}

function breakable(path: string): readonly Markup[] {
  return path.split(/(?<=[/_])/).map((step) => html`${step}<wbr>`);
}

function introduction({ info }: OpenApi): Markup {
  return html`<header id="top"><h1>The API of Postern <small>${info.version}</small></h1>
<p class="lead">${info.summary}</p>${info.description.split('\n\n').map((text) => html`<p>${withCode(text)}</p>`)}
<p><a class="file" href="openapi.json">openapi.json</a> is the same for programs.</p></header>`;
}

function badge(verb: string): Markup {
  return html`<b class="verb ${verb}">${verb === 'delete' ? 'DEL' : verb.toUpperCase()}</b>`;
}

function call(place: Place): Markup {
  const { path, verb, operation } = place;
  const { operationId, summary, parameters = [], requestBody } = operation;
  const groups = (['path', 'query', 'header'] as const).map((where) => ({
    where,
    group: parameters.filter((parameter) => parameter.in === where),
  }));
  const [[media, body] = ['', undefined]] = Object.entries(requestBody?.content ?? {});
  const isJson = media === 'application/json';
  return html`<section id="${operationId}"><h3>${badge(verb)} <code>${steps(path)}</code></h3>
<p>${summary} ${permission(operation)}</p><div class="both"><div>
${groups.map(({ where, group }) => (group.length === 0 ? html`` : html`<h4>${PLACES[where]}</h4>${parametersTable(group)}`))}
${body === undefined ? html`` : html`<h4>Body</h4>${isJson ? fieldsTable(body.schema) : html`<code>${media}</code>`}`}
<h4>Answer</h4>${answer(operation)}</div><div>${request(place, isJson ? body : undefined, media)}${answerExample(operation)}</div></div></section>`;
}

const PLACES = { path: 'In the path', query: 'In the query', header: 'In the head' } as const;

function steps(path: string): readonly Markup[] {
  return path.split(/(\{\w+\})/).map((step) => (step.startsWith('{') ? html`<i>${step}</i>` : html`${step}`));
}

function permission({ 'x-postern-permission': needed }: Operation): Markup {
  if (needed === null) return html`<span class="needs">no token</span>`;
  return html`<span class="needs">${needed === 'any' ? 'any token' : html`<code>${needed}</code>`}</span>`;
}

function answer({ responses }: Operation): Markup {
  const others = Object.keys(responses).filter((status) => status !== '200');
  const links = others.map((status) =>
    status === '304' ? html`<span>304</span>` : html`<a href="#r${status}">${status}</a>`,
  );
  return html`<p class="whole">${result(responses['200'])}</p><p class="statuses">else ${links.map((link) => html` ${link}`)}</p>`;
}

function result(response: ResponseObject | Reference | undefined): Markup {
  const [[media, content] = ['', undefined]] = Object.entries(contentOf(response));
  const field = content?.schema.properties?.['result'];
  if (typeof field === 'object') return html`<code>result</code>: ${typeOf(field)}`;
  return html`<code>${media}</code>`;
}

function contentOf(response: ResponseObject | Reference | undefined): Readonly<Record<string, MediaType>> {
  return response !== undefined && 'content' in response ? (response.content ?? {}) : {};
}

function request({ path, verb, operation }: Place, body: MediaType | undefined, media: string): Markup {
  const examples = new Map(operation.parameters?.map(({ name, example }) => [name, example]));
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const example = examples.get(name);
    return typeof example === 'string' ? example : name;
  });
  const parts = [
    `curl${verb === 'get' ? '' : ` -X ${verb.toUpperCase()}`} "$API${url}"`,
    ...(operation.security.length === 0 ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body === undefined && media !== '' ? [`-H 'Content-Type: ${media}' --data-binary @request.der`] : []),
    ...(body === undefined ? [] : [`-d '${JSON.stringify(body.example, null, 2).replaceAll("'", "'\\''")}'`]),
  ];
  return html`<pre tabindex="0" aria-label="Request">${parts.join(' \\\n  ')}</pre>`;
}

function answerExample({ responses }: Operation): Markup {
  const [content] = Object.values(contentOf(responses['200']));
  if (content?.example === undefined) return html``;
  const text = JSON.stringify(content.example, null, 2);
  return html`<details><summary>Answer</summary><pre tabindex="0">${text}</pre></details>`;
}

function schemas({ components }: OpenApi): Markup {
  const things = Object.entries(components.schemas).map(
    ([name, schema]) =>
      html`<section id="${name}"><h3>${name}</h3><p>${schema.description ?? ''}</p>${fieldsTable(schema)}</section>`,
  );
  return html`<h2 id="things">Things</h2>${things}`;
}

function refusals({ components }: OpenApi): Markup {
  const tables = Object.entries(components.responses).map(([name, { description }]) => {
    const status = refusalStatus(name);
    const rows = description.split('\n\n').map((line) => {
      const [code = '', ...text] = line.split(': ');
      return html`<tr><th scope="row"><code>${code}</code></th><td>${text.join(': ')}</td></tr>`;
    });
    return html`<section id="r${status}"><h3>${status}</h3><table>${rows}</table></section>`;
  });
  return html`<h2 id="refusals">Refusals</h2><p>A mistake is a 4xx and its message says what to do. <code>errors</code> holds one entry for each fault.</p>${tables}`;
}
