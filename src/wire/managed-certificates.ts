import { z } from 'zod';
import { KEY_TYPES } from '../pki/keys.ts';
import { FLAG, list, NAME, oneOf, wholeNumber } from './schemas.ts';

/** Certificates that the authority of a zone makes, as they are asked for. */

const DAY = 86_400_000;
const MOST_NAMES = 100;

/** What somebody may wish of certificates that Postern makes; left out, they are like those before them. */
export const MADE_LIKE = {
  key_type: oneOf(KEY_TYPES).optional().meta({ description: 'The kind of the new keys.' }),
  lifetime_days: wholeNumber(1, 365).optional().meta({ description: 'How long leaf certificates live.' }),
};

export const MANAGED_CERTIFICATE_BODY = z.strictObject({
  hostnames: list(NAME, '["www.example.test"]', MOST_NAMES).meta({
    description: 'The DNS names in it, beside the URI of the zone; wildcards too.',
  }),
  ...MADE_LIKE,
  associate: FLAG.optional().meta({
    description: 'Whether the hostnames present it from now on. They do where this is left out.',
  }),
});

/** The wishes of a body, as the rules want them. */
export function madeLike({
  key_type: keyType,
  lifetime_days: days,
}: {
  readonly key_type?: (typeof KEY_TYPES)[number] | undefined;
  readonly lifetime_days?: number | undefined;
}) {
  return {
    ...(keyType === undefined ? {} : { keyType }),
    ...(days === undefined ? {} : { lifetime: days * DAY }),
  };
}
