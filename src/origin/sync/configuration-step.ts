import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Instant } from '../../domain/ids.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import { type Configuration, generate } from '../generate/generate.ts';
import type { ServerName } from '../generate/server-facts.ts';
import type { InstalledLines } from '../lock-record.ts';
import { ORIGIN_PROBLEMS, type OriginProblem } from '../problems.ts';
import { type OriginRequest, type OriginRequirement, originRequirement } from '../requirement.ts';
import { type OpenHostname, openedRequest, openHostnames } from './openings.ts';
import { absent, type NewFile } from './replace.ts';
import type { OpenedConfiguration } from './state.ts';
import type { Trouble } from './troubles.ts';

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

/** What a run finds out about a configuration: which locks shall be open, and what is to be written for that. */
export interface ConfigurationStep {
  readonly requirement: OriginRequirement | null;
  readonly open: readonly OpenHostname[];
  readonly files: readonly NewFile[];
  /** What the next run shall know of open locks; `null` where all are shut. */
  readonly opened: OpenedConfiguration | null;
  readonly trouble: Trouble | null;
}

/** Holds a configuration against the openings of manifests that hold. `before` is what the last run left. Changes nothing. */
export async function lookAtConfiguration(
  file: GeneratedFile,
  manifests: readonly BundleManifest[],
  { before, now }: { readonly before: OpenedConfiguration | null; readonly now: Instant },
): Promise<ConfigurationStep> {
  const requirement = originRequirement(file.request);
  if ('code' in requirement) return refused(null, before, problemDetail(requirement));
  const { installed = null } = file;
  if (installed !== null) {
    const open = openHostnames(requirement, manifests, now);
    return lookAtInstalled({ installed, requirement, open }, before);
  }
  const base = generate(file.server, requirement);
  if ('code' in base) return refused(requirement, before, problemDetail(base));
  const open = openHostnames(requirement, manifests, now);
  const wanted = open.length === 0 ? base : openedText(file, requirement, open);
  if ('code' in wanted) return refused(requirement, before, problemDetail(wanted));
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

interface OwnFiles {
  readonly installed: InstalledLines;
  readonly requirement: OriginRequirement;
  readonly open: readonly OpenHostname[];
}

// What stands in virtual hosts depends on what else stands there, so both forms were written down when it was installed.
async function lookAtInstalled(
  { installed: { texts }, requirement, open }: OwnFiles,
  before: OpenedConfiguration | null,
): Promise<ConfigurationStep> {
  const shut = requirement.sites.every(({ mode }) => mode === 'watch') ? texts.watch : texts.enforce;
  const wanted = Object.entries(open.length > 0 ? texts.watch : shut);
  if (wanted.length === 0 && open.length > 0) {
    return refused(requirement, before, 'this lock has no files of its own: install it with --watch to open it');
  }
  const looked = await Promise.all(
    wanted.map(async ([path, text]) => {
      const present = await readFile(path, 'utf8').catch(absent);
      const isOurs = present === null || present === texts.watch[path] || present === texts.enforce[path];
      return { path, text, present, isOurs };
    }),
  );
  const differing = looked.filter(({ present, text }) => present !== text);
  const edited = looked.filter(({ isOurs }) => !isOurs);
  const hostnames = open.map(({ hostname, zone }) => ({ hostname, zone }));
  const next = open.length === 0 ? null : { sha256: digest(JSON.stringify(wanted)), hostnames };
  const step = { requirement, open, opened: next, trouble: null };
  const isOurs = edited.length === 0;
  switch (decision({ isSame: differing.length === 0, isOurs, isOpen: open.length > 0, wasOpened: before !== null })) {
    case 'nothing':
      return { ...step, files: [] };
    case 'leave':
      return {
        ...step,
        open: [],
        opened: before,
        files: [],
        trouble: { code: 'changed_by_hand', detail: edited[0]?.path ?? '' },
      };
    case 'write':
      return { ...step, files: differing };
    case 'write_over':
      return {
        ...step,
        files: [...edited.map(({ path, present }) => ({ path: editedPath(path), text: present ?? '' })), ...differing],
      };
  }
}

interface Situation {
  readonly isSame: boolean;
  /** Nobody changed it by hand. */
  readonly isOurs: boolean;
  readonly isOpen: boolean;
  /** A run before this one opened a lock, and none has shut it. */
  readonly wasOpened: boolean;
}

function decision({ isSame, isOurs, isOpen, wasOpened }: Situation): 'nothing' | 'leave' | 'write' | 'write_over' {
  // Without an opening, what is installed is the business of the installer.
  if (isSame || (!isOpen && !wasOpened)) return 'nothing';
  if (isOurs) return 'write';
  return isOpen ? 'leave' : 'write_over';
}

function openedText(file: GeneratedFile, requirement: OriginRequirement, open: readonly OpenHostname[]) {
  const changed = originRequirement(openedRequest(file.request, requirement, open));
  return 'code' in changed ? changed : generate(file.server, changed);
}

async function filesOf({ path }: GeneratedFile, { text, files }: Configuration): Promise<readonly NewFile[]> {
  const present = await Promise.all(files.map((one) => readFile(one.path, 'utf8').catch(absent)));
  return [{ path, text }, ...files.filter((one, index) => present[index] !== one.text)];
}

/** With a dot: servers include whole directories. */
function editedPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.changed-by-hand`);
}

function refused(
  requirement: OriginRequirement | null,
  opened: OpenedConfiguration | null,
  detail: string,
): ConfigurationStep {
  return { requirement, open: [], files: [], opened, trouble: { code: 'not_made', detail } };
}

function problemDetail({ code, field, found }: OriginProblem): string {
  return `${field} ${found}: ${ORIGIN_PROBLEMS[code].text}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
