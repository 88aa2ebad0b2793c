import type { Listener } from '../virtual-host.ts';
import type { StunnelOption, StunnelService } from './syntax.ts';

/** The last word on an option. */
export function optionOf({ options }: StunnelService, name: string): StunnelOption | null {
  return options.findLast((one) => one.name === name.toLowerCase()) ?? null;
}

/** Whether it comes with TLS from outside and goes on without. */
export function isServer(service: StunnelService): boolean {
  return optionOf(service, 'client')?.value.toLowerCase() !== 'yes';
}

/** Where it listens. */
export function listenersOf(service: StunnelService): readonly Listener[] {
  return service.options
    .filter(({ name }) => name === 'accept')
    .flatMap(({ value, place }) => {
      const at = value.lastIndexOf(':');
      const port = Number(at < 0 ? value : value.slice(at + 1));
      const written = at < 0 ? '' : value.slice(0, at).replace(/^\[|\]$/g, '');
      if (!Number.isInteger(port) || value.startsWith('/')) return [];
      const host = written === '' || written === '0.0.0.0' ? '*' : written.replace(/^localhost$/, '127.0.0.1');
      const family = host === '::' ? 'both' : host.includes(':') ? 6 : 4;
      return [{ host, port, family, tls: true, isDefault: false, quic: false, proxied: false, place }];
    });
}

/** What stands behind it. */
export function reachesOf(service: StunnelService): readonly string[] {
  const connects = service.options.filter(({ name }) => name === 'connect').map(({ value }) => targetOf(value));
  const programs = service.options.filter(({ name }) => name === 'exec').map(({ value }) => `exec:${value}`);
  return [...connects, ...programs];
}

function targetOf(value: string): string {
  if (value.startsWith('/')) return `unix:${value}`;
  const text = value.toLowerCase().replace(/^localhost(?=:)/, '127.0.0.1');
  return text.includes(':') ? `tcp:${text}` : `tcp:127.0.0.1:${text}`;
}
