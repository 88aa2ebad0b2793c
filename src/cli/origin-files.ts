import { rmSync, writeFileSync } from 'node:fs';
import { configPath } from '../origin/config-path.ts';
import type { CompanionFile } from '../origin/generate/companion-file.ts';
import { type Configuration, trustFiles } from '../origin/generate/generate.ts';
import type { ServerName } from '../origin/generate/server-facts.ts';
import type { ApiAccess } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import type { BundlePlace } from './origin-bundle.ts';
import {
  type IssuedOriginCertificate,
  issueOriginCertificate,
  type OriginCertificatePlan,
} from './origin-certificate.ts';
import { writeWhole } from './whole-file.ts';

/** What is to be written for an origin. */
interface OriginFiles {
  readonly access: ApiAccess;
  readonly server: ServerName;
  readonly made: Configuration;
  readonly bundles: readonly BundlePlace[];
  readonly certificates: readonly OriginCertificatePlan[];
  readonly out: string | undefined;
}

/** Writes what is new, the configuration last, and takes back what it wrote where that fails. What it wrote, in words. */
export async function writeOriginFiles(files: OriginFiles): Promise<readonly string[]> {
  const issued: IssuedOriginCertificate[] = [];
  try {
    for (const plan of files.certificates.filter(({ isNew }) => isNew))
      issued.push(await issueOriginCertificate(files.access, plan));
    return [...issued.map(({ told }) => told), ...writeTexts(files)];
  } catch (error) {
    for (const { takeBack } of issued) await takeBack();
    throw error;
  }
}

function writeTexts({ server, made, bundles, out }: OriginFiles): readonly string[] {
  const companions = [...made.files, ...bundles.flatMap((bundle) => trustFilesOf(server, bundle))];
  const fresh = bundles.filter(({ isNew }) => isNew);
  const written: string[] = [];
  try {
    for (const { path, text } of fresh) {
      writeNew(path, text);
      written.push(path);
    }
    for (const { path, text } of companions) writeWhole(path, text);
    if (out === undefined) process.stdout.write(made.text);
    else writeConfiguration(out, made.text);
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error;
  }
  return [
    ...fresh.map(({ path }) => `wrote the trust bundle to ${path}`),
    ...companions.map(({ path }) => `wrote ${path}, which the configuration reads`),
  ];
}

function writeConfiguration(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new Failure(
      `The configuration cannot be written to ${path} (${(error as NodeJS.ErrnoException).code}).`,
      'Name a file in a directory that this user may write to with --out FILE.',
      EXIT.undetermined,
    );
  }
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o644, flag: 'wx' });
  } catch (error) {
    throw new Failure(
      `The bundle cannot be written to ${path} (${(error as NodeJS.ErrnoException).code}).`,
      'Name a place that this user may write to with --bundle FILE.',
      EXIT.undetermined,
    );
  }
}

function trustFilesOf(server: ServerName, { path, text }: BundlePlace): readonly CompanionFile[] {
  const place = configPath(path);
  return place === null ? [] : trustFiles(server, { path: place, text });
}
