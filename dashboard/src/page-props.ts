import type { ComponentType } from 'preact';
import type { Zone } from './api/zone.ts';

/** The words of a path: `/zones/:zone/attestations/:hostname`. */
export type Params = Readonly<Record<string, string>>;

/** What a page of the installation is given. */
export interface PageProps {
  readonly params: Params;
}

/** What a page of a zone is given. */
export interface ZonePageProps extends PageProps {
  readonly zone: Zone;
}

/** Fetches the code of a page. */
export type LoadPage<Props> = () => Promise<{ readonly Page: ComponentType<Props> }>;
