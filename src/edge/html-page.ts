import { createHash } from 'node:crypto';

/** What an HTML page says. All of it comes from tables of the program: nothing that a visitor sent is ever on it. */
export interface HtmlPage {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly id: string;
  /** Whether trying again makes sense. */
  readonly passing: boolean;
}

const STYLE = `:root{color-scheme:light dark;--i:#16202c;--m:#5c6b7c;--l:#d5dce4;--b:#f6f8fa;--x:#c2361f}
@media(prefers-color-scheme:dark){:root{--i:#e8edf3;--m:#93a1b1;--l:#2f3b48;--b:#10161d;--x:#ff8068}}
*,:before{margin:0;padding:0;box-sizing:border-box}
body{min-height:100vh;display:grid;place-items:center;padding:2rem;background:var(--b);color:var(--i);font:1rem/1.6 system-ui,sans-serif}
main{width:100%;max-width:30rem}
b{font-size:4.5rem;line-height:1;letter-spacing:-.04em}
h1{margin:.4rem 0 .8rem;font-size:1.375rem;line-height:1.3}
p,dl{color:var(--m)}
ol{display:flex;list-style:none;margin:2rem 0;font-size:.875rem}
li{flex:1;border-top:2px solid var(--l);padding-top:.7rem;position:relative}
li:last-child{flex:none;border-color:transparent}
li:has(+.x){border-top:2px dashed var(--x)}
li:before{content:"";position:absolute;top:-7px;left:0;width:12px;height:12px;border-radius:50%;background:var(--m)}
.x{color:var(--x);font-weight:600}
.x:before{background:var(--b);border:3px solid var(--x)}
dl{display:flex;gap:.6rem;border-top:1px solid var(--l);padding-top:1rem;font-size:.875rem}
dd{font-family:ui-monospace,monospace}`;

/** What the page needs, and nothing else: its own style, by the digest. */
export const HTML_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Where a request got stuck, for people who know no status numbers. */
function stuckAt(status: number): 'You' | 'Edge' | 'Origin' {
  if (status === 404) return 'Edge';
  if (status < 500) return 'You';
  return status === 503 || status >= 520 ? 'Origin' : 'Edge';
}

/** A page for people, in ASCII. It loads nothing. */
export function htmlPage({ status, title, text, id, passing }: HtmlPage): string {
  const stuck = stuckAt(status);
  const station = (name: string) => `<li${name === stuck ? ' class=x' : ''}>${name}`;
  return `<!doctype html>
<html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1"><meta name=robots content=noindex>
<title>${status} ${title}</title><style>${STYLE}</style>
<main><b>${status}</b><h1>${title}</h1><p>${text}${passing ? ' Trying again in a moment may help.' : ''}</p>
<ol>${['You', 'Edge', 'Origin'].map(station).join('')}</ol>
<dl><dt>Request id<dd>${id}</dl></main>
`;
}
