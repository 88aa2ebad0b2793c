import { z } from 'zod';
import { FLAG, list, NAME, PEM, paging } from './schemas.ts';

export const UPLOAD = z.object({ certificate: PEM, private_key: PEM });

export const ZONE_PULL = z.object({ enabled: FLAG });

/** `cert_id` is asked for by the rules, not here: its absence has an error code of its own. */
export const ASSOCIATIONS = z.object({
  config: list(
    z.object({
      hostname: NAME,
      cert_id: z.string({ error: 'must be the id of a hostname certificate' }).nullish(),
      enabled: z.boolean({ error: 'must be true, false or null' }).nullable(),
    }),
    '[{"hostname": …, "cert_id": …, "enabled": …}]',
    1000,
  ),
});

export type AssociationsBody = z.output<typeof ASSOCIATIONS>;

export const TRUSTED_CA_UPLOAD = z.object({ certificate: PEM });

export const TRUST_LIST = z.object(paging({ minimum: 1, maximum: 100, otherwise: 20 }));
