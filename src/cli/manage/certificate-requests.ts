import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { KEY_TYPES } from '../../pki/keys.ts';
import type { View } from '../../wire/answer-fields.ts';
import type { CERTIFICATE_REQUEST } from '../../wire/certificate-requests.ts';
import { callApi, listAll } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { collect } from '../flag-value.ts';
import { readPemFile } from '../pem-file.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';
import type { CertificateFacts } from './certificate-facts.ts';

interface Flags extends ApiCommandFlags {
  readonly zone: string;
  readonly hostnameLevel?: boolean;
  readonly keyType?: string;
  readonly name?: string;
  readonly dns?: readonly string[];
  readonly out?: string;
  readonly cert: string;
  readonly yes?: boolean;
}

/** A certificate request as the API shows it; its key has no view. */
type RequestFacts = View<typeof CERTIFICATE_REQUEST>;

const MOST_AT_ONCE = 100;

function pathOf(zone: string, id?: string): string {
  return `/postern/v1/zones/${zone}/certificate_requests${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;
}

/** `postern certs request`: what a CA of one's own is to sign. */
export function requestCommand(): Command {
  return zoneCommand('request', 'make a key that never leaves Postern, and a request for your own CA', [
    'certs request --zone example.test --out example.csr',
    'certs request --zone example.test --hostname-level \\\n      --dns www.example.test --key-type rsa:3072',
  ])
    .option('--hostname-level', 'for single hostnames, not for the zone')
    .addOption(new Option('--key-type <type>', 'kind of key (default: ec:P-256)').choices(KEY_TYPES))
    .option('--name <text>', 'common name to ask for (default: the name of the zone)')
    .option('--dns <name>', 'DNS name to ask for; repeatable', collect)
    .option('--out <file>', 'where the request goes, in place of stdout')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { id: zone } = await zoneNamed(access, flags.zone);
        const { result, messages } = await callApi<RequestFacts>(access, 'POST', pathOf(zone), {
          level: flags.hostnameLevel === true ? 'hostname' : 'zone',
          ...(flags.keyType === undefined ? {} : { key_type: flags.keyType }),
          ...(flags.name === undefined ? {} : { common_name: flags.name }),
          ...(flags.dns === undefined ? {} : { hostnames: flags.dns }),
        });
        if (flags.out !== undefined) keep(flags.out, result.csr);
        show(json, result, () => (flags.out === undefined ? result.csr.trimEnd() : `The request is in ${flags.out}.`));
        note(...messages);
        if (!json)
          console.error(`When it is signed: postern certs answer ${result.id} --zone ${flags.zone} --cert FILE`);
      }),
    );
}

// The key of a request that nobody has is of no use: so what is there already stays.
function keep(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `The request was made, but cannot be written to ${path} (${code}).`,
      'It is not lost: list it with `postern certs requests --json`, or take it back with `postern certs withdraw`.',
    );
  }
}

/** `postern certs requests`: those that wait. */
export function requestsCommand(): Command {
  return zoneCommand('requests', 'the requests that wait for an answer of your CA', [
    'certs requests --zone example.test',
    'certs requests --zone example.test --json',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id: zone, name } = await zoneNamed(access, flags.zone);
      const { result, messages } = await listAll<RequestFacts>(access, pathOf(zone), MOST_AT_ONCE);
      show(json, result, () => (result.length === 0 ? `No certificate request of ${name} waits.` : table(result)));
      note(...messages);
    }),
  );
}

function table(requests: readonly RequestFacts[]): string {
  return fittedTable(
    ['ID', 'LEVEL', 'KEY', 'NAME', 'SINCE'],
    requests.map((one) => [
      onStdout('dim', one.id),
      one.level,
      one.key_type,
      one.common_name,
      one.created_on.slice(0, 10),
    ]),
  );
}

/** `postern certs answer`: the certificate that the CA made. */
export function answerCommand(): Command {
  return zoneCommand('answer', 'bring the certificate that your CA made of a request', [
    'certs answer 2458ce5a-… --zone example.test --cert signed.pem',
  ])
    .argument('<id>', 'id of the request')
    .requiredOption('--cert <file>', 'certificate in PEM, its issuers up to the root appended; - for stdin')
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const body = { certificate: readPemFile('--cert', flags.cert) };
        const { id: zone, name } = await zoneNamed(access, flags.zone);
        const path = `${pathOf(zone, id)}/certificate`;
        const { result, messages } = await callApi<CertificateFacts>(access, 'POST', path, body);
        show(json, result, () => `In use for ${name}: ${result.id} (until ${result.expires_on.slice(0, 10)})`);
        note(...messages);
      }),
    );
}

/** `postern certs withdraw`: a request that nobody will answer. */
export function withdrawCommand(): Command {
  return zoneCommand('withdraw', 'take a request back and destroy its key', [
    'certs withdraw 2458ce5a-… --zone example.test --yes',
  ])
    .argument('<id>', 'id of the request')
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, id = '') => {
        const { id: zone, name } = await zoneNamed(access, flags.zone);
        await confirm(`This destroys the key of the request ${id} of ${name}.`, flags);
        const { result, messages } = await callApi(access, 'DELETE', pathOf(zone, id));
        show(json, result, () => `Taken back: ${id}`);
        note(...messages);
      }),
    );
}
