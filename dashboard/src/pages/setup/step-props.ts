import type { Zone } from '../../zone.tsx';
import type { Setup } from './setup.ts';

/** What each step is given. */
export interface StepProps {
  readonly zone: Zone;
  readonly setup: Setup;
  readonly refresh: () => void;
}
