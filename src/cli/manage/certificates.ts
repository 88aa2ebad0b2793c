import { Command } from 'commander';
import { loadCertificates } from '../../pki/read.ts';
import { callApi, isRefusal } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { readPemFile } from '../pem-file.ts';
import { note, onStdout, show } from '../print.ts';
import { facts, fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';
import { issueCommand } from './certificate-issue.ts';
import { answerCommand, requestCommand, requestsCommand, withdrawCommand } from './certificate-requests.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';
import { revocationsCommand, revokeCommand } from './revocations.ts';
import type { CertificateFacts } from './certificate-facts.ts';

interface Flags extends ApiCommandFlags, PreviewFlags {
  readonly zone: string;
  readonly hostnameLevel?: boolean;
  readonly cert: string;
  readonly key: string;
  readonly yes?: boolean;
}

const ALREADY_THERE = 1406;

/** `postern certs …` */
export function certificatesCommand(): Command {
  return new Command('certs')
    .description('client certificates that the edge presents')
    .addCommand(listCommand())
    .addCommand(uploadCommand())
    .addCommand(issueCommand())
    .addCommand(showCommand())
    .addCommand(deleteCommand())
    .addCommand(requestCommand())
    .addCommand(requestsCommand())
    .addCommand(answerCommand())
    .addCommand(withdrawCommand())
    .addCommand(revokeCommand())
    .addCommand(revocationsCommand());
}

/** Where the certificates of a level are. */
export function certificatesPath(zone: string, hostnameLevel: boolean): string {
  return `/client/v4/zones/${zone}/origin_tls_client_auth${hostnameLevel ? '/hostnames/certificates' : ''}`;
}

/** SHA-256 of the leaf's DER, lower-case hex. */
export function leafFingerprint(pem: string): string {
  return loadCertificates(pem)[0]?.fingerprint ?? '';
}

function levelCommand(name: string, description: string, examples: readonly string[]): Command {
  return zoneCommand(name, description, examples).option(
    '--hostname-level',
    'certificates for single hostnames, not for the zone',
  );
}

function listCommand(): Command {
  return levelCommand('list', 'the certificates of a level', [
    'certs list --zone example.test',
    'certs list --zone example.test --hostname-level',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id, name } = await zoneNamed(access, flags.zone);
      const path = certificatesPath(id, flags.hostnameLevel === true);
      const { result, messages } = await callApi<readonly CertificateFacts[]>(access, 'GET', path);
      show(json, result, () => (result.length === 0 ? nothingUploaded(name, flags) : certificateTable(result)));
      note(...messages);
    }),
  );
}

function nothingUploaded(zone: string, { hostnameLevel }: Flags): string {
  if (hostnameLevel === true) return `There is no certificate for single hostnames of ${zone}.`;
  return `No certificate was uploaded for ${zone}: its zone level presents the zone's managed identity.`;
}

function certificateTable(certificates: readonly CertificateFacts[]): string {
  return fittedTable(
    ['ID', 'SOURCE', 'STATE', 'EXPIRES', 'ISSUER'],
    certificates.map(({ id, source, status, expires_on, issuer }) => {
      return [id, source, state(status), expires_on.slice(0, 10), issuer];
    }),
  );
}

function state(status: string): string {
  return onStdout(status === 'active' ? 'green' : 'yellow', status);
}

function uploadCommand(): Command {
  return levelCommand('upload', 'upload a client certificate with its key', [
    'certs upload --zone example.test --cert client.pem --key client.key',
    'certs upload --zone example.test --hostname-level --cert client.pem \\\n      --key - < client.key',
  ])
    .requiredOption('--cert <file>', 'certificate in PEM, its issuers appended; - for stdin')
    .requiredOption('--key <file>', 'its unencrypted key in PEM; - for stdin')
    .addOption(previewOption())
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        if (flags.cert === '-' && flags.key === '-') {
          throw new Failure('Certificate and key cannot both come from stdin.', 'Name a file for one of them.');
        }
        const body = { certificate: readPemFile('--cert', flags.cert), private_key: readPemFile('--key', flags.key) };
        const { id: zone, name } = await zoneNamed(access, flags.zone);
        if (flags.preview === true) {
          const level = flags.hostnameLevel === true ? 'hostname' : 'zone';
          const { certificate } = body;
          return preview(access, { id: zone, name }, { kind: 'certificate_upload', level, certificate }, json);
        }
        const path = certificatesPath(zone, flags.hostnameLevel === true);
        try {
          const { result, messages } = await callApi<CertificateFacts>(access, 'POST', path, body);
          show(json, result, () => `Uploaded for ${name}: ${result.id} (until ${result.expires_on.slice(0, 10)})`);
          note(...messages);
        } catch (error) {
          const id = existingId(error);
          if (id === null) throw error;
          const { result } = await callApi<CertificateFacts>(access, 'GET', `${path}/${id}`);
          show(json, result, () => `Already uploaded for ${name}: ${id}`);
        }
      }),
    );
}

/** The same certificate again is no fault: the refusal names the one that is there. */
function existingId(error: unknown): string | null {
  if (!isRefusal(error, ALREADY_THERE) || error.message.includes('still being deleted')) return null;
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(error.errors[0]?.message ?? '')?.[0] ?? null;
}

function showCommand(): Command {
  return levelCommand('show', 'one certificate', ['certs show 2458ce5a-… --zone example.test'])
    .argument('<id>', 'id of the certificate')
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const { id: zone } = await zoneNamed(access, flags.zone);
        const path = `${certificatesPath(zone, flags.hostnameLevel === true)}/${encodeURIComponent(id)}`;
        const { result, messages } = await callApi<CertificateFacts>(access, 'GET', path);
        show(json, result, () =>
          facts([
            ['id', result.id],
            ['source', result.source],
            ['state', state(result.status)],
            ['uploaded', result.uploaded_on],
            ['expires', result.expires_on],
            ['issuer', result.issuer],
            ['fingerprint', leafFingerprint(result.certificate)],
          ]),
        );
        note(...messages);
      }),
    );
}

function deleteCommand(): Command {
  return levelCommand('delete', 'delete a certificate and its key', ['certs delete 2458ce5a-… --zone example.test'])
    .argument('<id>', 'id of the certificate')
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const { id: zone, name } = await zoneNamed(access, flags.zone);
        if (flags.preview === true) {
          const level = flags.hostnameLevel === true ? 'hostname' : 'zone';
          return preview(access, { id: zone, name }, { kind: 'certificate_delete', level, cert_id: id }, json);
        }
        await confirm(`This deletes the certificate ${id} of ${name} and its key.`, flags);
        const path = `${certificatesPath(zone, flags.hostnameLevel === true)}/${encodeURIComponent(id)}`;
        const { result, messages } = await callApi<CertificateFacts>(access, 'DELETE', path);
        show(json, result, () => `Deleted ${id} of ${name}.`);
        note(...messages);
      }),
    );
}
