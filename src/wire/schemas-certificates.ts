import { z } from 'zod';
import { CERTIFICATE, FLAG, KEY, list, NAME, HOLDING, paging } from './schemas.ts';

export const UPLOAD = z.object({ certificate: CERTIFICATE, private_key: KEY });

export const ZONE_PULL = z.object({ enabled: FLAG });

/** `cert_id` is asked for by the rules, not here: its absence has an error code of its own. */
const ENTRY = { hostname: 'www.example.test', cert_id: '7c1d0f52-93ab-4e0e-8f0a-2b6d5a91c3e4', enabled: true };

export const ASSOCIATIONS = z.object({
  config: list(
    z.object({
      hostname: NAME,
      cert_id: z.string({ error: 'must be the id of a hostname certificate' }).nullish(),
      enabled: z.boolean({ error: 'must be true, false or null' }).nullable(),
    }),
    '[{"hostname": …, "cert_id": …, "enabled": …}]',
    1000,
  ).meta({ examples: [[ENTRY]] }),
});

export type AssociationsBody = z.output<typeof ASSOCIATIONS>;

export const TRUSTED_CA_UPLOAD = z.object({ certificate: CERTIFICATE });

export const TRUST_LIST = z.object({ ...paging({ minimum: 1, maximum: 100, otherwise: 20 }), ...HOLDING });
