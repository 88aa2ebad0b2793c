import type { Configuration } from '../origin/generate/generate.ts';
import type { OriginRequirement } from '../origin/requirement.ts';
import type { View } from '../wire/answer-fields.ts';
import type { ORIGIN_CONFIG, OriginConfigWish } from '../wire/origin-config.ts';

/** A file that has to be at an origin. */
export type OriginFile = View<typeof ORIGIN_CONFIG>['files'][number];

interface FilesOf {
  readonly wish: OriginConfigWish;
  readonly requirement: OriginRequirement;
  readonly made: Configuration;
  readonly configuration: string;
  readonly bundles: ReadonlyMap<string, { readonly path: string; readonly text: string }>;
  readonly companions: readonly OriginFile[];
  readonly certificates: readonly { readonly serverCert: string; readonly serverKey: string }[];
}

/** Every file that an origin needs, each once: the configuration, whom it trusts, and what it shows. */
export function originFiles(of: FilesOf): readonly OriginFile[] {
  const all: readonly OriginFile[] = [
    {
      path: of.configuration,
      what: 'configuration',
      text: of.made.text,
      from:
        of.wish.lines === true
          ? 'The lines of the lock, for the virtual host that is there to include.'
          : 'The configuration itself; it may go elsewhere, where the server reads it.',
    },
    ...[...of.bundles.values()].map(
      ({ path, text }): OriginFile => ({
        path,
        what: 'trust_bundle',
        text,
        from: 'The CAs of the edge. It changes with rotations: postern origin sync follows it.',
      }),
    ),
    ...of.companions,
    ...of.made.files.map(
      ({ path, text }): OriginFile => ({ path, what: 'read_with_it', text, from: readWith(of.wish) }),
    ),
    // A virtual host that is there has its own.
    ...(of.wish.lines === true ? [] : served(of)),
    ...others(of.wish),
  ];
  return [...new Map(all.map((file) => [file.path, file])).values()];
}

// Lines stand in a virtual host, and how their log is written outside of all of them.
function readWith({ lines }: OriginConfigWish): string {
  return lines === true
    ? 'For http { }: how the watching log is written. It may go elsewhere, where nginx reads it before the sites.'
    : 'Made with the configuration.';
}

function served({ requirement, certificates }: FilesOf): readonly OriginFile[] {
  const ours = new Set(certificates.flatMap(({ serverCert, serverKey }) => [serverCert, serverKey]));
  return [...requirement.sites, ...requirement.openNames].flatMap(({ serverCert, serverKey }): OriginFile[] => [
    {
      path: serverCert,
      what: 'server_certificate',
      text: null,
      from: ours.has(serverCert)
        ? "Postern's Origin CA certifies it: postern origin config --origin-ca, run on the origin, asks for it."
        : "The server's own certificate with its intermediates: it is there already, or comes from your CA.",
    },
    {
      path: serverKey,
      what: 'server_key',
      text: null,
      from: ours.has(serverKey)
        ? 'Made on the origin by the same command. It never leaves that machine.'
        : 'The key of that certificate. It stays on the origin.',
    },
  ]);
}

function others({ crl, also_trust, also_trust_crl }: OriginConfigWish): readonly OriginFile[] {
  const found: readonly (readonly [string | undefined, string])[] = [
    [crl, 'Revocation lists of all CAs in the bundle: postern ca crl, kept current by postern origin sync.'],
    [also_trust, 'The CA of your own callers.'],
    [also_trust_crl, 'The revocation lists of that CA.'],
  ];
  return found.flatMap(([path, from]) => (path === undefined ? [] : [{ path, what: 'other', text: null, from }]));
}
