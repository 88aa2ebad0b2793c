import type { RequestHead } from './head.ts';

const WEBSOCKET = 'websocket';

/**
 * The change of protocol that is passed on: a GET without a body for exactly a WebSocket (RFC 6455 §4.1). Others are left
 * out, as RFC 9110 §7.8 allows: `h2c`, for one, would carry requests past everything that the edge does.
 */
export function passedUpgrade({ upgrade, method, framing }: RequestHead): string | null {
  return upgrade === WEBSOCKET && method === 'GET' && framing.kind === 'none' ? WEBSOCKET : null;
}
