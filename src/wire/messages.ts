import { z } from 'zod';
import { CAVEATS, type CaveatCode } from '../domain/caveats.ts';
import type { View } from './answer-fields.ts';

export const MESSAGE = z
  .strictObject({ code: z.int(), message: z.string(), type: z.null().optional() })
  .meta({ id: 'Message', description: 'Something worth knowing about a call that succeeded.' });

/** One entry of the envelope's `messages`. `type` is what Cloudflare sends beside a token's verification. */
export type Message = View<typeof MESSAGE>;

/** What the API says about a call that succeeded, besides the caveats about a zone (codes 20001 and up). */
export const REMARKS = {
  field_ignored: { code: 20101, text: 'This field has no meaning here and was ignored' },
  parameter_ignored: { code: 20102, text: 'This query parameter has no meaning here and was ignored' },
  pending_deployment: {
    code: 20103,
    text: 'The change is stored, but not every edge has it in force yet. GET shows the status; nothing has to be sent again.',
  },
  exchange_bootstrap: {
    code: 20104,
    text: 'This is the bootstrap token, which may do everything and lies in a file. Make tokens with only the rights that are needed (POST /postern/v1/tokens), then revoke this one',
  },
  host_differs: {
    code: 20105,
    text: 'The server_name of the origin differs from the Host of the pull, which nginx answers with 421. Set origin.host_header to the same name',
  },
  private_origin_lost: {
    code: 20106,
    text: 'The record leads elsewhere now, and this token may not name private origins. Should its name resolve to a private address, the edge will not connect. A token with origins:private mends that by writing the record again',
  },
  no_automatic_mode: {
    code: 20151,
    text: 'ssl_automatic_mode has no effect because the edge never changes the SSL mode by itself: it is what ssl says',
  },
  no_recommender: {
    code: 20152,
    text: 'ssl_recommender has no effect because no recommendations are sent: messages beside the settings say what could be better',
  },
  no_kex_choice: {
    code: 20153,
    text: 'auto_origin_tls_kex has no effect because the edge offers its key exchanges in one order to every origin, and the origin chooses. origin_tls_compliance_modes limits them',
  },
  always_universal: {
    code: 20154,
    text: 'Universal SSL cannot be switched off because every zone has a certificate of the CA of this installation. An uploaded one is shown in its place',
  },
  no_client_auth: {
    code: 20111,
    text: 'The extended key usage of the certificate does not include clientAuth: nginx, Apache, HAProxy and Caddy will refuse it. Issue it anew with extendedKeyUsage=clientAuth',
  },
  no_extended_key_usage: {
    code: 20112,
    text: 'The certificate names no extended key usage, so it may serve any purpose. Issue it with extendedKeyUsage=clientAuth to keep it from serving others',
  },
  cannot_sign: {
    code: 20113,
    text: 'The key usage of the certificate does not include digitalSignature: origins that check it will refuse the handshake. Issue it anew with keyUsage=digitalSignature',
  },
  expires_soon: { code: 20114, text: 'The certificate expires within 30 days' },
  not_yet_valid: { code: 20115, text: 'The certificate is not valid yet: origins will refuse it until then' },
  self_signed: {
    code: 20116,
    text: 'The certificate is signed by itself, so an origin can only trust this very certificate and every renewal has to be installed there',
  },
  no_issuer: {
    code: 20117,
    text: 'The certificate came without its issuer, so the bundle of the zone cannot vouch for it. Append the issuing CA, or install it at the origin by hand',
  },
  chain_reordered: {
    code: 20118,
    text: 'The certificates after the leaf are not in the order leaf, issuer, issuer of the issuer. They were put in order',
  },
  stranger_in_chain: {
    code: 20119,
    text: 'A certificate after the leaf is not one of its issuers and was left out',
  },
  weak_signature: {
    code: 20121,
    text: 'The certificate is signed with SHA-1 or MD5, which OpenSSL refuses at its default security level. Issue it anew with SHA-256',
  },
  server_no_extended_key_usage: {
    code: 20131,
    text: 'The certificate names no extended key usage, so it may serve any purpose. Issue it with extendedKeyUsage=serverAuth to keep it from serving others',
  },
  server_cannot_sign: {
    code: 20132,
    text: 'The key usage of the certificate does not include digitalSignature: visitors that speak TLS 1.3 will refuse the handshake. Issue it anew with keyUsage=digitalSignature',
  },
  server_not_yet_valid: { code: 20133, text: 'The certificate is not valid yet: it is shown from that moment on' },
  server_self_signed: {
    code: 20134,
    text: 'The certificate is signed by itself, so visitors are warned unless they trust this very certificate',
  },
  server_no_issuer: {
    code: 20135,
    text: 'The certificate came without its issuer, so visitors that do not know that one cannot verify it. Append the intermediate CA',
  },
  csr_names_ignored: {
    code: 20137,
    text: 'Only the names in hostnames were certified. The request also asks for others',
  },
  visitors_not_served: {
    code: 20161,
    text: 'No proxied record serves this name yet. The list holds from the moment that one does',
  },
  visitors_ssl_off: {
    code: 20162,
    text: 'Nobody is let in while SSL mode is off, because visits are sent to http, where no certificate can be shown. Set ssl to full, strict or origin_pull',
  },
  visitors_ca_ending: {
    code: 20163,
    text: 'A CA of this list ends within 30 days, or has ended. Visitors with its certificates are refused from then on: put its successor beside it',
  },
  brought_root: {
    code: 20183,
    text: 'Once the rotation is done, the origins of the zone let in everybody for whom this root vouches as a client: it should sign clients for nothing else',
  },
  root_list_missing: {
    code: 20182,
    text: 'The revocation list of this root is not among those of the zone, because its key is not here. Where origins check lists, append the one that the root publishes: without it they refuse the new certificate, and are not switched',
  },
  revocation_listed: {
    code: 20171,
    text: 'Origins refuse the certificate once they check revocation lists and have the new one. It is at',
  },
  revoked_presented: {
    code: 20172,
    text: 'The zone presented this certificate. Pulls that would present it are refused (525) until there is another one: Postern issues one within an hour and when it starts, or upload one now',
  },
  revoked_unknown: {
    code: 20173,
    text: 'No certificate with this serial number is known here. It stands on the list of the CA that issues now, until the end of that CA',
  },
  rotation_under_way: {
    code: 20181,
    text: 'A rotation of this zone is under way: some of its origins may be shown the next certificate already. GET …/rotations says which',
  },
  legacy_custom: {
    code: 20136,
    text: 'The edge serves no visitor that names no host in the TLS handshake. The type legacy_custom only puts the certificate before those of type sni_custom',
  },
} as const satisfies Record<string, { readonly code: number; readonly text: string }>;

export type RemarkCode = keyof typeof REMARKS;

/** A remark, with what it is about in this case. */
export function remark(code: RemarkCode, detail = ''): Message {
  const { code: number, text } = REMARKS[code];
  const sentence = text.endsWith('.') ? text.slice(0, -1) : text;
  return { code: number, message: `${sentence}${detail === '' ? '' : `: ${detail}`}.` };
}

/** A caveat about a zone as the API shows it. */
export function caveatMessage(code: CaveatCode): Message {
  const { code: number, text } = CAVEATS[code];
  return { code: number, message: text };
}
