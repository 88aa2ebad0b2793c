/** How the edge reaches the origins of a zone, as the setting `ssl` has it; see docs/concepts.md. */
export const MODES = ['off', 'flexible', 'full', 'strict', 'origin_pull'] as const;
export type Mode = (typeof MODES)[number];

interface Words {
  readonly title: string;
  readonly about: string;
}

export const MODE_WORDS: Readonly<Record<Mode, Words>> = {
  off: {
    title: 'Off',
    about: 'No encryption anywhere: visits over https are sent to http. No origin can be locked.',
  },
  flexible: {
    title: 'Flexible',
    about: 'Visitors get https, the way to the origin is plain HTTP. No origin can be locked.',
  },
  full: {
    title: 'Full',
    about: 'TLS to the origin, but its certificate is not verified: somebody in between can answer in its place.',
  },
  strict: {
    title: 'Full (strict)',
    about: 'TLS to the origin, and the certificate of the origin is verified. New zones begin here.',
  },
  origin_pull: {
    title: 'Origin pull',
    about: 'As strict, and visits over http are pulled over TLS too: no pull goes without a certificate.',
  },
};

/** What the picture shows of one part of the way, and why in words. */
export interface Fact {
  readonly holds: 'yes' | 'partly' | 'no';
  readonly text: string;
}

export interface Picture {
  readonly visitor: Fact;
  readonly pull: Fact;
  readonly verified: Fact;
  readonly authenticated: Fact;
}

/** What else of a zone bears on it. */
export interface Circumstances {
  readonly alwaysUseHttps: boolean;
  /** A level of origin pulls that is on for the whole zone; `null` where that is not known. */
  readonly level: 'zone' | 'global' | null;
}

/** What is encrypted, verified and authenticated in a mode. */
export function pictureOf(mode: Mode, { alwaysUseHttps, level }: Circumstances): Picture {
  return { visitor: visitor(mode, alwaysUseHttps), ...pullOf(mode, alwaysUseHttps, level) };
}

function visitor(mode: Mode, alwaysUseHttps: boolean): Fact {
  if (mode === 'off') return { holds: 'no', text: 'Plain HTTP: https is redirected to http' };
  if (alwaysUseHttps) return { holds: 'yes', text: 'Encrypted: http is redirected to https' };
  return { holds: 'partly', text: 'Encrypted for https, plain for http' };
}

function pullOf(mode: Mode, alwaysUseHttps: boolean, level: Circumstances['level']): Omit<Picture, 'visitor'> {
  if (mode === 'off' || mode === 'flexible') {
    return {
      pull: { holds: 'no', text: 'Plain HTTP' },
      verified: { holds: 'no', text: 'The origin is not verified: plain HTTP has no certificates' },
      authenticated: { holds: 'no', text: 'The edge shows no certificate: no origin can tell it from a stranger' },
    };
  }
  const always = mode === 'origin_pull' || alwaysUseHttps;
  return {
    pull: always ? { holds: 'yes', text: 'TLS' } : { holds: 'partly', text: 'TLS for https visits only' },
    verified:
      mode === 'full'
        ? { holds: 'no', text: 'The origin is not verified: whoever answers there is believed' }
        : { holds: 'yes', text: 'The origin is verified: its certificate, its CA and its name' },
    authenticated: authenticated(always, level),
  };
}

function authenticated(always: boolean, level: Circumstances['level']): Fact {
  if (level === null) {
    return { holds: 'partly', text: 'The edge shows a certificate only for hostnames that have one of their own' };
  }
  const whose = level === 'zone' ? 'the certificate of the zone' : 'the certificate that all zones share';
  return always
    ? { holds: 'yes', text: `The edge shows ${whose}: the origin can refuse everybody else` }
    : { holds: 'partly', text: `The edge shows ${whose} for https visits only` };
}
