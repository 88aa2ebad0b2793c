import { optionOf } from '../../server/stunnel/services.ts';
import type { StunnelOption, StunnelService } from '../../server/stunnel/syntax.ts';
import type { Said } from '../said.ts';

/** What is said of a locked service beside who gets in. */
export function settingsSaid(service: StunnelService): readonly Said[] {
  return [...versions(service), ...sessions(service)];
}

function versions(service: StunnelService): readonly Said[] {
  const narrow = [
    ['sslversion', /^TLSv1\.[23]$/i],
    ['sslversionmin', /^TLSv1\.3$/i],
    ['sslversionmax', /^TLSv1\.2$/i],
  ] as const;
  return narrow
    .flatMap(([name, one]) => {
      const option = optionOf(service, name);
      return option !== null && one.test(option.value) ? [said('tls_version', option)] : [];
    })
    .slice(0, 1);
}

// Tickets alone are not all: sessions are also kept in a cache.
function sessions(service: StunnelService): readonly Said[] {
  if (optionOf(service, 'sessionresume')?.value.toLowerCase() === 'no') return [];
  return [{ code: 'lasting_sessions', where: service.place, detail: 'sessionResume is not switched off' }];
}

function said(code: Said['code'], { name, value, place }: StunnelOption): Said {
  return { code, where: place, detail: `${name} = ${value}` };
}
