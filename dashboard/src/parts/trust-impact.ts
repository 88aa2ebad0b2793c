import { useEffect, useState } from 'preact/hooks';
import { type Impact, impactOf, weigh } from './consequences.tsx';

const END = '-----END CERTIFICATE-----';
const KEY = 'PRIVATE KEY-----';

/** While somebody types, in milliseconds. */
const SETTLING = 300;

/** A key is nothing that anybody here may see. */
export function holdsKey(text: string): boolean {
  return text.includes(KEY);
}

/** What it would do to trust a CA, asked for as soon as all of its certificate is there; `impact` null before that. */
export function useTrustImpact(zone: string, certificate: string) {
  const [seen, keep] = useState<{ readonly of: string; readonly impact: Impact } | null>(null);
  const isWhole = certificate.includes(END) && !holdsKey(certificate);
  useEffect(() => {
    if (!isWhole) return undefined;
    let isPresent = true;
    const ask = async () => {
      const impact = await weigh(impactOf(zone), { kind: 'trusted_ca_add', certificate });
      if (isPresent) keep({ of: certificate, impact });
    };
    const timer = setTimeout(() => void ask(), SETTLING);
    return () => {
      isPresent = false;
      clearTimeout(timer);
    };
  }, [zone, certificate, isWhole]);
  const impact = isWhole && seen?.of === certificate ? seen.impact : null;
  return { impact, isAsking: isWhole && impact === null };
}
