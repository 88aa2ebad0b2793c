import { readFile } from 'node:fs/promises';
import type { Instant } from '../../domain/ids.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import { type Configuration, generate } from '../generate/generate.ts';
import type { ServerName } from '../generate/server-facts.ts';
import type { InstalledLines } from '../lock-record.ts';
import { ORIGIN_PROBLEMS, type OriginProblem } from '../problems.ts';
import { type OriginRequest, type OriginRequirement, originRequirement } from '../requirement.ts';
import { type OpenHostname, openedRequest, openHostnames } from './openings.ts';
import { lookAtInstalled } from './installed-step.ts';
import { type ConfigurationStep, decision, digest, editedPath, notMade } from './opening-decision.ts';
import { absent, type NewFile } from './replace.ts';
import type { OpenedConfiguration } from './state.ts';

/** A configuration that was generated, and can be again. */
export interface GeneratedFile {
  readonly server: ServerName;
  readonly request: OriginRequest;
  readonly path: string;
  /** Of what was installed. */
  readonly sha256: string;
  /** Where it was put into virtual hosts that were there: then only the lock's own files are exchanged. */
  readonly installed?: InstalledLines | null;
}

/** The files that an opening may change. */
export function configurationPaths({ path, installed = null }: GeneratedFile): readonly string[] {
  if (installed === null) return [path];
  const { texts, lines = {} } = installed;
  return [...new Set([texts.enforce, texts.watch, lines].flatMap((files) => Object.keys(files)))];
}

/** Holds a configuration against the openings of manifests that hold. `before` is what the last run left. Changes nothing. */
export async function lookAtConfiguration(
  file: GeneratedFile,
  manifests: readonly BundleManifest[],
  { before, now }: { readonly before: OpenedConfiguration | null; readonly now: Instant },
): Promise<ConfigurationStep> {
  const requirement = originRequirement(file.request);
  if ('code' in requirement) return notMade(null, before, problemDetail(requirement));
  const { installed = null } = file;
  if (installed !== null) {
    const open = openHostnames(requirement, manifests, now);
    return lookAtInstalled({ installed, requirement, open }, before);
  }
  const base = generate(file.server, requirement);
  if ('code' in base) return notMade(requirement, before, problemDetail(base));
  const open = openHostnames(requirement, manifests, now);
  const wanted = open.length === 0 ? base : openedText(file, requirement, open);
  if ('code' in wanted) return notMade(requirement, before, problemDetail(wanted));
  const present = await readFile(file.path, 'utf8').catch(absent);
  const hostnames = open.map(({ hostname, zone }) => ({ hostname, zone }));
  const next = open.length === 0 ? null : { sha256: digest(wanted.text), hostnames };
  const step = { requirement, open, opened: next, trouble: null };
  const isOurs = present === null || present === base.text || [file.sha256, before?.sha256].includes(digest(present));
  switch (decision({ isSame: present === wanted.text, isOurs, isOpen: open.length > 0, wasOpened: before !== null })) {
    case 'nothing':
      return { ...step, files: [] };
    case 'leave':
      return { ...step, open: [], opened: before, files: [], trouble: { code: 'changed_by_hand', detail: file.path } };
    case 'write':
      return { ...step, files: await filesOf(file, wanted) };
    case 'write_over':
      // A lock that somebody opened for a while must not stay open because of an edit; what was edited is kept.
      return {
        ...step,
        files: [{ path: editedPath(file.path), text: present ?? '' }, ...(await filesOf(file, wanted))],
      };
  }
}

function openedText(file: GeneratedFile, requirement: OriginRequirement, open: readonly OpenHostname[]) {
  const changed = originRequirement(openedRequest(file.request, requirement, open));
  return 'code' in changed ? changed : generate(file.server, changed);
}

async function filesOf({ path }: GeneratedFile, { text, files }: Configuration): Promise<readonly NewFile[]> {
  const present = await Promise.all(files.map((one) => readFile(one.path, 'utf8').catch(absent)));
  return [{ path, text }, ...files.filter((one, index) => present[index] !== one.text)];
}

function problemDetail({ code, field, found }: OriginProblem): string {
  return `${field} ${found}: ${ORIGIN_PROBLEMS[code].text}`;
}
