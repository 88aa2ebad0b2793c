import type { Command } from 'commander';
import type { CertificateLook } from '../../wire/origin-certificate-looks.ts';
import { visible } from '../../wire/visible.ts';
import { callApi } from '../api.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { EXIT } from '../failure.ts';
import { onStdout, show } from '../print.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone: string;
}

type Looked = CertificateLook['origins'][number];

/** `postern records certificate HOSTNAME` */
export function certificateCommand(): Command {
  return zoneCommand('certificate', 'whether the edge believes an origin', [
    'records certificate www.example.test --zone example.test',
    'records certificate www.example.test --zone example.test --json',
  ])
    .argument('<hostname>', 'a proxied hostname of the zone')
    .action(
      calling<Flags>(async ({ access, flags, json }, hostname = '') => {
        const zone = await zoneNamed(access, flags.zone);
        const path = `/postern/v1/zones/${zone.id}/origin_certificates`;
        const { result } = await callApi<CertificateLook>(access, 'POST', path, { hostname });
        show(json, result, () => lookText(result));
        process.exitCode = exitOf(result);
      }),
    );
}

function exitOf({ origins }: CertificateLook): number {
  if (origins.some(({ believed }) => believed === false)) return EXIT.notGood;
  return origins.some(({ believed }) => believed === null) ? EXIT.undetermined : EXIT.good;
}

function lookText({ hostname, looked_on: at, verifies, trusted, origins }: CertificateLook): string {
  const believes =
    trusted.length === 0
      ? "public CAs and Postern's Origin CA"
      : trusted.map(({ subject, fingerprint }) => `${subject} (SHA-256 ${fingerprint})`).join(', ');
  return [
    `${hostname}, looked at ${at}. The edge believes here: ${believes}.`,
    ...(verifies ? [] : ['In the present mode it verifies no origin.']),
    ...origins.flatMap(originText),
  ].join('\n');
}

function originText(origin: Looked): readonly string[] {
  const where = `${origin.address}:${origin.port} as ${origin.server_name}`;
  const { certificate, offered, wanted } = origin;
  if (certificate === null) return [`${where}: ${onStdout('yellow', 'not seen')}. ${origin.why ?? ''}`];
  return [
    `${where}: ${origin.believed === true ? onStdout('green', 'believed') : onStdout('red', 'not believed (526)')}`,
    `  subject      ${certificate.subject}`,
    `  signed by    ${certificate.issuer}`,
    `  names        ${certificate.names.join(', ')}`,
    `  ends         ${certificate.expires_on}`,
    `  SHA-256      ${certificate.fingerprint}`,
    ...origin.faults.flatMap(({ text, fix }) => [`  ${text}`, `    ${fix}`]),
    ...toldText(origin),
    ...(wanted === null ? [] : [`  To trust it: the CA certificate whose subject is ${wanted}`]),
    ...(offered?.kind === 'sent' ? [`  It sent its CA along: ${offered.subject}, SHA-256 ${offered.fingerprint}`] : []),
  ];
}

function toldText({ told_by_origin: told }: Looked): readonly string[] {
  if (told === null || told.certificate === null)
    return ['  Nobody at the origin tells which certificate it shows (postern origin watch-report does).'];
  const { subject, fingerprint } = told.certificate;
  const who = visible(told.host ?? 'the origin');
  if (told.said === 'same')
    return [`  ${onStdout('green', 'same')} as ${who} saw at its own server, since ${told.since ?? ''}`];
  return [
    `  ${onStdout('red', 'another')} than ${who} saw at its own server: ${visible(subject)}, SHA-256 ${fingerprint}`,
    '    Trust neither before you know why: somebody may stand between, or the record leads to another machine.',
  ];
}
