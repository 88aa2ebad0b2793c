import { optionOf } from '../../server/stunnel/services.ts';
import type { StunnelOption, StunnelService } from '../../server/stunnel/syntax.ts';
import type { Said } from '../said.ts';

/** What is said of a locked service beside who gets in. */
export function settingsSaid(service: StunnelService): readonly Said[] {
  return [...versions(service), ...sessions(service)];
}

function versions(service: StunnelService): readonly Said[] {
  const [only, least, most] = ['sslversion', 'sslversionmin', 'sslversionmax'].map((name) => optionOf(service, name));
  const isOne = (option: StunnelOption | null | undefined) => /^TLSv1\.[23]$/i.test(option?.value ?? '');
  if (only != null && isOne(only)) return [said('tls_version', only)];
  if (least?.value.toLowerCase() === 'tlsv1.3') return [said('tls_version', least)];
  return most?.value.toLowerCase() === 'tlsv1.2' ? [said('tls_version', most)] : [];
}

// Tickets alone are not all: sessions are also kept in a cache.
function sessions(service: StunnelService): readonly Said[] {
  if (optionOf(service, 'sessionresume')?.value.toLowerCase() === 'no') return [];
  return [{ code: 'lasting_sessions', where: service.place, detail: 'sessionResume is not switched off' }];
}

function said(code: Said['code'], { name, value, place }: StunnelOption): Said {
  return { code, where: place, detail: `${name} = ${value}` };
}
