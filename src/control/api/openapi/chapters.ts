/** The calls under one heading: those whose path matches the first fitting pattern. */
const CHAPTERS: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['Without a token', /^(?:\/ssl\/static|\/ocsp|\/healthz|\/client\/v4\/ips|\/postern\/v1\/(?:openapi\.json|docs)$)/],
  ['Sign-in by cookie', /^\/postern\/v1\/session$/],
  ['Tokens', /^\/(?:client\/v4\/(?:user|accounts\/:account)|postern\/v1)\/tokens(?!\/verify)/],
  ['Audit log, edges and events', /^\/postern\/v1\/(?:audit|edges|events)/],
  ['Notices', /^\/postern\/v1\/notice/],
  ['Backups', /^\/postern\/v1\/backups$/],
  ['Analytics', /\/analytics(?:\/|$)/],
  ['Metrics', /^\/metrics$/],
  ['Token and accounts', /^\/client\/v4\/(?:user|accounts)/],
  ['Zones', /^\/client\/v4\/zones(?:\/:zone)?$/],
  ['Records', /\/dns_records/],
  ['Settings', /\/zones\/:zone\/(?:ssl\/universal\/)?settings/],
  ['Hostname level of origin pulls', /\/origin_tls_client_auth\/hostnames/],
  ['Zone level of origin pulls', /\/origin_tls_client_auth/],
  ['Rotations', /\/rotations/],
  ['Open locks', /\/openings/],
  [
    'Attestations',
    /\/attestations?(?:-report)?(?:\/|$)|\/locks?$|\/probe_credentials$|\/attestation_(?:settings|pause)$/,
  ],
  ['All zones at a glance', /^\/postern\/v1\/(?:overview|expiries)/],
  ['What a change would do', /\/impact$/],
  ['Setting origins up', /\/origin_config$|\/setups(?:\/|$)|\/edge_visits$/],
  ['What origins report', /\/origins\/(?:reports|callers)|\/callers$/],
  ['CAs of zones', /\/authority(?:\/|$)/],
  ['Managed certificates', /\/managed_certificates/],
  ['Certificate requests', /\/certificate_requests/],
  ['Revocation', /\/revocations/],
  ['CAs of origins', /\/custom_trust_store|\/origin_certificates$/],
  ['Visitor certificates', /\/custom_certificates/],
  ['Certificates that visitors must show', /\/visitor_authorities/],
  ['Protection at the edge', /\/firewall\/|\/rate_limits/],
  ['Origin CA', /^\/client\/v4\/certificates|origin_ca/],
  ["Postern's own", /^\/postern\/v1/],
];

/** The headings of the API's documentation, in their order. */
export const CHAPTER_TITLES: readonly string[] = CHAPTERS.map(([title]) => title);

/** The heading that a path stands under. Throws where there is none. */
export function chapterOf(path: string): string {
  const chapter = CHAPTERS.find(([, pattern]) => pattern.test(path));
  if (chapter === undefined) throw new Error(`no chapter for ${path}`);
  return chapter[0];
}
