import { z } from 'zod';
import { HOST, type View } from './answer-fields.ts';
import type { HostnameTrust } from './hostname-trust.ts';
import { FLAG, list, NAME, oneOf, text } from './schemas.ts';
import { SERVER_NAMES } from './server-names.ts';

/** A configuration for an origin, as it is asked for and as it is answered. */

const MOST_NAMES = 100;
const MOST_SOCKETS = 20;

const PATH = text(1024).meta({ examples: ['/etc/postern/www.pem'] });
const SOCKET = text(255);
const UPSTREAM = text(1024).meta({ examples: ['unix:/run/shop.sock'] });

export const ORIGIN_CONFIG_BODY = z.strictObject({
  server: oneOf(SERVER_NAMES),
  server_version: text(100)
    .optional()
    .meta({ description: "Of the server; Debian 12's where left out.", examples: ['1.22.1'] }),
  hostnames: list(NAME, 'of hostnames of the zone', MOST_NAMES).meta({ examples: [['www.example.test']] }),
  open_names: list(
    z.strictObject({ hostname: NAME, upstream: UPSTREAM.optional(), root: PATH.optional() }),
    'of names',
    MOST_NAMES,
  )
    .optional()
    .meta({ description: 'Other names on the same listener that stay open to everybody.' }),
  upstream: UPSTREAM.optional().meta({ description: 'The application behind the server.' }),
  root: PATH.optional().meta({ description: 'A directory of files to serve instead.' }),
  listen: list(SOCKET, 'of HOST:PORT', MOST_SOCKETS)
    .optional()
    .meta({
      description: 'Where it listens over TLS; where left out, at the HTTPS port that the records of the names say.',
      examples: [[':443']],
    }),
  listen_http: list(SOCKET, 'of HOST:PORT', MOST_SOCKETS)
    .optional()
    .meta({ description: 'Where plain HTTP is redirected; nowhere where left out.', examples: [[':80']] }),
  server_cert: PATH.optional().meta({
    description: "The server's own certificate with its intermediates, at the origin.",
  }),
  server_key: PATH.optional().meta({ description: 'Its key, at the origin. The file is named here, never sent.' }),
  origin_ca: FLAG.optional().meta({ description: "Its certificate comes from Postern's Origin CA." }),
  directory: PATH.optional().meta({
    description: 'Where bundle and certificate lie at the origin; /etc/postern where left out.',
    examples: ['/etc/postern'],
  }),
  bundle: PATH.optional().meta({ description: 'Where the trust bundle lies instead.' }),
  crl: PATH.optional().meta({ description: 'Revocation lists of all CAs in the bundle, at the origin.' }),
  verified_header: text(255)
    .optional()
    .meta({ examples: ['X-Postern-Verified'] }),
  mode: oneOf(['watch', 'enforce']).default('watch'),
  also_trust: PATH.optional().meta({
    description: 'A CA of your own, at the origin, whose callers come in at also_listen.',
  }),
  also_trust_crl: PATH.optional(),
  also_listen: list(SOCKET, 'of HOST:PORT', MOST_SOCKETS).optional(),
  runtime_dir: PATH.optional().meta({ description: 'Where a complete server keeps its process id and logs.' }),
  accept_shared: FLAG.optional().meta({ description: 'Take the identity that all zones share, and pin it.' }),
  lines: FLAG.optional().meta({
    description: 'Only the lines of the lock, to be put into a virtual host that is there (nginx, Apache).',
  }),
  server_config: PATH.optional().meta({
    description: 'The main file of the server, for the command that installs, where several servers run.',
    examples: ['/etc/nginx/nginx.conf'],
  }),
  all_names: FLAG.optional().meta({
    description: 'The command that installs locks the other names of the same virtual hosts too.',
  }),
  fragment: FLAG.optional().meta({ description: 'Only the part to include into a configuration that is there.' }),
});

/** A configuration that somebody wishes for. */
export type OriginConfigWish = View<typeof ORIGIN_CONFIG_BODY>;

/** The field of a wish that is to blame where it cannot be had. */
export type OriginConfigField = keyof OriginConfigWish;

const FILE = z.strictObject({
  path: z.string().meta({ examples: ['/etc/postern/postern-example.test-bundle.pem'] }),
  what: z.enum(['configuration', 'trust_bundle', 'read_with_it', 'server_certificate', 'server_key', 'other']),
  text: z.string().nullable().meta({ description: 'What is in it; null for what is not made here.' }),
  from: z.string().meta({ description: 'Where it comes from, in words.' }),
});

const COMMAND = z.strictObject({
  what: z.enum(['install', 'configure', 'enforce', 'report_callers', 'report_installed', 'look', 'uninstall']),
  text: z.string().meta({ examples: ['postern origin uninstall www.example.test'] }),
  says: z.string().meta({ description: 'What it does, in words.' }),
  reports: z.boolean().meta({ description: 'Whether it goes on to tell this Postern who comes to the origin.' }),
  permissions: z
    .array(z.string())
    .meta({ description: 'What the token in POSTERN_TOKEN must be allowed; none where no token is needed.' }),
});

export const ORIGIN_CONFIG = z
  .strictObject({
    server: z.enum(SERVER_NAMES),
    mode: z.enum(['watch', 'enforce']),
    hostnames: z.array(HOST).meta({ description: 'Names that the server answers for, also as SNI.' }),
    text: z.string().meta({ description: 'The configuration.' }),
    files: z.array(FILE).meta({ description: 'All files that have to be there. Never a private key.' }),
    watch_logs: z
      .array(z.strictObject({ path: z.string(), hostnames: z.array(HOST) }))
      .meta({ description: 'Where it writes who comes, while it watches.' }),
    notes: z.array(z.string()).meta({ description: 'What to know before it is used, the weightiest first.' }),
    commands: z.array(COMMAND).meta({ description: 'To be run on the origin, but for look.' }),
  })
  .meta({ id: 'OriginConfig', description: 'A configuration that locks an origin, with everything around it.' });

/** What a generator is told. */
export interface OriginConfigRequest {
  readonly wish: OriginConfigWish;
  readonly zone: { readonly id: string; readonly name: string };
  /** Of each hostname of the wish, in their order. */
  readonly trusts: readonly HostnameTrust[];
  /** The address by which the origin reaches the API. */
  readonly api: string;
}

/** A wish that cannot be had. `text` and `fix` say why, and what to do. */
export interface OriginConfigRefusal {
  readonly kind: 'refused';
  readonly field: OriginConfigField;
  readonly text: string;
  readonly fix: string;
}

/** A configuration as the API answers it. */
interface OriginConfigMade {
  readonly kind: 'made';
  readonly config: View<typeof ORIGIN_CONFIG>;
}

/** Makes configurations. It reads no file, and the same request always gives the same answer. */
export type OriginConfigurator = (request: OriginConfigRequest) => OriginConfigMade | OriginConfigRefusal;
