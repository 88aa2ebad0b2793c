import { REFUSAL_TITLES } from '../../pull/refusal-page.ts';
import type { KnownPage } from '../observation.ts';

interface Row {
  readonly page: KnownPage;
  /** The least status with which it comes. */
  readonly from: number;
  readonly shape: RegExp;
}

// The first that fits counts: what says most stands first. The words of nginx have been the same since its 0.x, and its
// offspring have kept them. All are the servers' own; a page of the owner's making is none of these.
const ROWS: readonly Row[] = [
  { page: 'nginx_no_certificate', from: 400, shape: pageOfNginx(REFUSAL_TITLES.noCertificate) },
  { page: 'nginx_certificate_error', from: 400, shape: pageOfNginx(REFUSAL_TITLES.certificateError) },
  { page: 'nginx_plain_http', from: 400, shape: pageOfNginx('400 The plain HTTP request was sent to HTTPS port') },
  { page: 'apache_plain_http', from: 400, shape: /speaking plain HTTP to an SSL-enabled server port/ },
  { page: 'go_plain_http', from: 400, shape: /^Client sent an HTTP request to an HTTPS server\.\s*$/ },
  {
    page: 'nginx_error',
    from: 400,
    shape: /<hr><center>(?:nginx|openresty|tengine|angie|freenginx)[^<]{0,40}<\/center>/i,
  },
  {
    page: 'apache_error',
    from: 400,
    shape:
      /^<!DOCTYPE HTML PUBLIC "-\/\/(?:IETF\/\/DTD HTML 2\.0|W3C\/\/DTD HTML 4\.01)\/\/EN"[^>]{0,60}>\s*<html><head>\s*<title>\d{3} /,
  },
  {
    page: 'haproxy_error',
    from: 400,
    shape: /^<html><body><h1>\d{3} [^<]{1,60}<\/h1>\n[^<]{1,200}\n<\/body><\/html>\s*$/,
  },
  {
    page: 'lighttpd_error',
    from: 400,
    shape:
      /^<\?xml version="1\.0" encoding="iso-8859-1"\?>\s*<!DOCTYPE html [^>]{0,200}>\s*<html [^>]{0,200}>\s*<head>\s*<title>\d{3}/,
  },
  {
    page: 'default_page',
    from: 200,
    shape:
      /<title>\s*(?:Welcome to (?:nginx|OpenResty|tengine|angie)!?|Apache2 (?:Debian|Ubuntu) Default Page: It works|Apache HTTP Server Test Page[^<]{0,60}|Test Page for [^<]{0,80}|Welcome page|Caddy works!?|IIS Windows Server|IIS\d+|Default Web Site Page)\s*<\/title>/i,
  },
  { page: 'default_page', from: 200, shape: /^<html><body><h1>It works!<\/h1>(?:<\/body><\/html>)?/ },
];

// The whole page, and nothing beside it: an application may show its content under such a title. The comments after its
// end are padding for old browsers.
function pageOfNginx(title: string): RegExp {
  const said = title.replace(/^400 /, '');
  const [head, text] = [`<html>\\s*<head><title>${title}</title></head>`, `<center>${said}</center>`];
  const body = `<center><h1>400 Bad Request</h1></center>\\s*${text}\\s*<hr><center>[^<]{1,60}</center>`;
  return new RegExp(
    `^${head}\\s*<body[^>]{0,40}>\\s*${body}\\s*</body>\\s*</html>\\s*(?:<!--[^>]{0,80}-->\\s*){0,10}$`,
  );
}

/** The page of a server's own that this is; null for all others. */
export function knownPage(status: number, body: string): KnownPage | null {
  return ROWS.find(({ from, shape }) => status >= from && shape.test(body))?.page ?? null;
}
